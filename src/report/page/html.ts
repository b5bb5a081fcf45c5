import { VERSION } from "../../common/version.js";
import type { ReportSection } from "../figures/figure.js";
import { fittingShare } from "../figures/fit.js";
import { createNumberPool } from "../figures/packing.js";
import { loadAssets, scriptHash, type Assets } from "./assets.js";
import { commandHtml, escapeHtml, jsonForScript, prose } from "./escape.js";
import { sectionHtml, uniqueId, type Page } from "./section.js";
import { themeStyle } from "./colours.js";

/** All that a report shows. */
export interface ReportDocument {
  title: string;
  /** A sentence under the title. */
  subtitle?: string;
  sections: ReportSection[];
  /** The command line that makes this report again. */
  command?: string;
}

/** Identifies a report of vadi. It is in the first lines of each. */
export const reportMark = '<meta name="generator" content="vadi">';

/** A section with its id in the page. */
interface PlacedSection {
  section: ReportSection;
  id: string;
}

/**
 * Renders a report as one self-contained HTML file: data, chart library, script and style are in it, and
 * its content security policy forbids every request. Ids that occur twice get a number.
 *
 * @param folder the page's, absolute; links to data are relative to it
 */
export function renderReport(document: ReportDocument, folder?: string): string {
  const assets = loadAssets();
  const figures = document.sections
    .flatMap(({ blocks }) => blocks)
    .filter((block) => block.kind !== "table");
  const page: Page = {
    figures: [],
    numbers: createNumberPool(),
    share: fittingShare(figures),
    folder,
    ids: new Set(["theme", "figures", "numbers", "contents", "main"]),
  };
  const sections = document.sections.map((section) => ({
    section,
    id: uniqueId(page, section.id),
  }));
  const body = bodyHtml(page, sections);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${reportMark}
<meta http-equiv="Content-Security-Policy" content="${policyFor(assets)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(document.title)}</title>
<style>
${themeStyle()}
${assets.style}
</style>
</head>
<body>
${headerHtml(document)}
${sections.length > 3 ? contentsHtml(sections) : ""}
<main>
<noscript><p class="notice">The charts of this report are drawn by a script inside this file, and scripts are switched off here. The tables are complete.</p></noscript>
${body}
</main>
<footer>Everything on this page is inside this one file; it makes no request to any network.</footer>
<script type="application/json" id="numbers">${jsonForScript(page.numbers.arrays)}</script>
<script type="application/json" id="figures">${jsonForScript(page.figures)}</script>
<script>${assets.plotly}</script>
<script>${assets.script}</script>
</body>
</html>
`;
}

function headerHtml({ title, subtitle, command }: ReportDocument): string {
  return `<header>
<p class="eyebrow">Report by vadi ${escapeHtml(VERSION)}</p>
<button type="button" id="theme" hidden>Dark</button>
<h1>${escapeHtml(title)}</h1>
${subtitle === undefined ? "" : `<p class="subtitle">${prose(subtitle)}</p>`}
${command === undefined ? "" : `<p class="made-by">Made with</p>\n${commandHtml(command)}`}
</header>`;
}

/** The sections, each part's heading above its first. */
function bodyHtml(page: Page, sections: readonly PlacedSection[]): string {
  let part: string | undefined;
  return sections
    .map(({ section, id }) => {
      const isNew = section.part !== undefined && section.part !== part;
      part = section.part;
      const heading = isNew ? `<h2 class="part">${escapeHtml(section.part ?? "")}</h2>\n` : "";
      return heading + sectionHtml(page, section, id);
    })
    .join("\n");
}

/** Allows the page's own two scripts and its styles, and no request. */
function policyFor({ plotly, script }: Assets): string {
  return [
    "default-src 'none'",
    `script-src ${scriptHash(plotly)} ${scriptHash(script)}`,
    // plotly.js sets styles on the elements it makes.
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function contentsHtml(sections: readonly PlacedSection[]): string {
  const items: string[] = [];
  let part: string | undefined;
  for (const { section, id } of sections) {
    if (section.part !== part) {
      if (part !== undefined) items.push("</ul></li>");
      if (section.part !== undefined) items.push(`<li>${escapeHtml(section.part)}<ul>`);
      part = section.part;
    }
    items.push(`<li><a href="#${id}">${escapeHtml(section.title)}</a></li>`);
  }
  if (part !== undefined) items.push("</ul></li>");
  return `<nav aria-labelledby="contents"><h2 id="contents">Contents</h2>\n<ul>\n${items.join("\n")}\n</ul></nav>`;
}
