import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import temml from "temml";
import { defineConfig, type DefaultTheme } from "vitepress";

/** The pages, which `npm run docs` has put together. */
const pages = fileURLToPath(new URL("../../dist/site-pages", import.meta.url));

/** The pages of docs/ in the order in which they are read; `npm run docs` fails where one is missing here. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Learn: ["index", "tutorial", "glossary"],
  "How to": [
    "how-to/my-own-table",
    "how-to/100-million-rows",
    "how-to/resume",
    "how-to/custom-model",
    "how-to/pytorch",
    "how-to/figures",
    "how-to/several-machines",
    "how-to/gpu",
    "tables",
    "object-storage",
    "clusters",
    "backends",
    "reports",
    "notebooks",
  ],
  Reference: [
    "commands",
    "api/index",
    "datasets",
    "streaming",
    "training",
    "landscapes",
    "curvature",
    "random-numbers",
  ],
  Explanation: [
    "architecture",
    "shuffling",
    "training-kernel",
    "scaling",
    "security",
    "others",
    "benchmarks",
    "contributing",
    "changelog",
  ],
};

function pagesIn(folder: string): string[] {
  return existing(folder).map((name) => `${folder}/${name.replace(/\.md$/, "")}`);
}

function existing(folder: string): string[] {
  try {
    return readdirSync(path.join(pages, folder)).filter((name) => name.endsWith(".md"));
  } catch {
    return [];
  }
}

/** The first heading of a page; undefined where there is no such page. */
function titleOf(page: string): string | undefined {
  try {
    const [, title] = /^# (.+)$/m.exec(readFileSync(path.join(pages, `${page}.md`), "utf8")) ?? [];
    return title;
  } catch {
    return undefined;
  }
}

function sidebar(): DefaultTheme.SidebarItem[] {
  const listed = new Set(Object.values(GROUPS).flat());
  const left = [...pagesIn("."), ...pagesIn("how-to")]
    .map((page) => path.normalize(page))
    .find((page) => !listed.has(page));
  if (left !== undefined)
    throw new Error(`docs/${left}.md is in no group of site/.vitepress/config.mts.`);
  return Object.entries(GROUPS).map(([text, group]) => ({
    text,
    items: group.flatMap((page) => {
      const title = titleOf(page);
      return title === undefined ? [] : [{ text: title, link: `/${page}` }];
    }),
  }));
}

function slugOf(heading: string): string {
  const kept = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "");
  return kept.trim().replaceAll(/\s/g, "-");
}

export default defineConfig({
  srcDir: "../dist/site-pages",
  outDir: "../dist/site",
  cacheDir: "../dist/site-cache",
  title: "vadi",
  description:
    "Train small models on tables larger than memory, from Node, and draw the loss landscape that the training walked through.",
  markdown: {
    // As GitHub names headings, so that a link leads to the same place in both.
    anchor: { slugify: slugOf },
    config(markdown) {
      const fence = markdown.renderer.rules.fence!;
      markdown.renderer.rules.fence = (...given) => {
        const [tokens, index] = given;
        const { info = "", content = "" } = tokens[index] ?? {};
        // vadi's own dependency sets formulas as MathML, as in reports.
        if (info.trim() === "math") {
          return `<div class="formula" tabindex="0" role="group" v-pre>${temml.renderToString(content, { displayMode: true, throwOnError: true })}</div>`;
        }
        if (info.trim() !== "mermaid") return fence(...given);
        return `<MermaidPicture source="${encodeURIComponent(content)}" />`;
      };
    },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: { level: [2, 3] },
    nav: [
      { text: "Learn", link: "/" },
      { text: "Commands", link: "/commands" },
      { text: "API", link: "/api/" },
    ],
    sidebar: sidebar(),
  },
});
