import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadCommands } from "../../src/cli/commands/index.js";
import { commandsPage } from "./commands-page.js";

/*
 * `npm run docs` builds the documentation as a site, in dist/site: the pages of docs/, and the API's reference from
 * the docstrings. `--serve` shows it. The tools that build it are a package of their own, in site/, which it installs
 * from npm at first. docs/commands.md is written anew.
 */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const docs = path.join(root, "docs");
const site = path.join(root, "site");
const pages = path.join(root, "dist/site-pages");

/** Files outside docs/ that pages link to, and the pages that they become. */
const BESIDE: Readonly<Record<string, string>> = {
  "../CONTRIBUTING.md": "contributing.md",
  "../CHANGELOG.md": "changelog.md",
  "../README.md": "index.md",
};
/** Runs a program to its end, and ends with its exit code where it fails. */
function run(program: string, words: readonly string[]): void {
  const { status, error } = spawnSync(program, words, { cwd: root, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function tool(name: string): string {
  return path.join(site, "node_modules", name);
}

/** Copies the pages, and those that lie beside docs/. */
async function gatherPages(): Promise<void> {
  await rm(pages, { recursive: true, force: true });
  await cp(docs, pages, { recursive: true });
  for (const [file, page] of Object.entries(BESIDE)) {
    // README's place is taken by the site's first page, which says the same of the start.
    if (page === "index.md") continue;
    const text = await readFile(path.join(docs, file), "utf8");
    await writeFile(path.join(pages, page), text.replaceAll("](docs/", "]("));
  }
  for (const name of await readdir(pages, { recursive: true })) {
    if (name.endsWith(".md")) await rewriteLinks(path.join(pages, name));
  }
}

async function rewriteLinks(page: string): Promise<void> {
  let text = await readFile(page, "utf8");
  for (const [file, name] of Object.entries(BESIDE)) {
    for (const link of [file, path.basename(file)]) {
      text = text.replaceAll(`](${link})`, `](${name})`).replaceAll(`](${link}#`, `](${name}#`);
    }
  }
  // What else lies outside docs/ is downloaded as it is; a folder is only named.
  const place = path.dirname(path.join(docs, path.relative(pages, page)));
  for (const [link, words = "", to = ""] of text.matchAll(/\[([^\]]*)\]\(((?:\.\.\/)+[^)#]+)\)/g)) {
    const file = path.resolve(place, to);
    if (!path.relative(docs, file).startsWith("..")) continue;
    const name = path.basename(file);
    const isFile = (await stat(file)).isFile();
    if (isFile) await cp(file, path.join(pages, "public", name));
    const shown = words.replaceAll("`", "");
    text = text.replaceAll(link, isFile ? `<a href="/${name}" download>${shown}</a>` : words);
  }
  await writeFile(page, text);
}

/** The API's reference; a public name without a docstring, or a broken link, ends the build. */
async function writeReference(): Promise<void> {
  const api = path.join(pages, "api");
  run(process.execPath, [
    tool("typedoc/bin/typedoc"),
    "--options",
    path.join(site, "typedoc.json"),
    "--out",
    api,
  ]);
}

/** Leaves out what an interface of options derives from: tables, which are not public. */
async function tidyReference(): Promise<void> {
  const folder = path.join(pages, "api/interfaces");
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/^## Extends\n\n(?:- .*GivenOptions.*\n+)+/m, ""));
  }
}

const { values } = parseArgs({ options: { serve: { type: "boolean", default: false } } });
await writeFile(path.join(docs, "commands.md"), commandsPage(await loadCommands()));
if (!existsSync(tool("vitepress"))) {
  run("npm", ["ci", "--prefix", site, "--ignore-scripts", "--no-audit", "--no-fund"]);
}
await gatherPages();
await writeReference();
await tidyReference();
run(process.execPath, [tool("vitepress/bin/vitepress.js"), "build", site]);
process.stdout.write(`The site is in ${path.join("dist", "site")}.\n`);
if (values.serve) run(process.execPath, [tool("vitepress/bin/vitepress.js"), "preview", site]);
