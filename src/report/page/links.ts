import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DataLink } from "../figures/figure.js";
import { escapeHtml } from "./escape.js";
import { formatNumber } from "../../common/text/numbers.js";

/** The most links that are shown at once; more of them are collapsed. */
const mostListed = 6;

/**
 * Links to the files that have a figure's numbers.
 *
 * @param folder the report's. The links are relative to it, so that both can be moved together. If it is unknown,
 *   the paths are printed as text.
 */
export function linksHtml(links: readonly DataLink[], folder: string | undefined): string {
  if (links.length === 0) return "";
  const items = links.map(({ file, what }) => {
    const name = escapeHtml(path.basename(file));
    const shown =
      folder === undefined
        ? `<code>${escapeHtml(file)}</code>`
        : `<a href="${escapeHtml(linkTo(file, folder))}">${name}</a>`;
    return `${shown} (${escapeHtml(what)})`;
  });
  if (links.length > mostListed)
    return `<details class="data"><summary>Data: ${formatNumber(links.length)} files</summary><p>${items.join(", ")}</p></details>`;
  return `<p class="data">Data: ${items.join(", ")}</p>`;
}

/** A relative URL. It starts with `./`, so that no file name can look like a scheme. */
export function linkTo(file: string, folder: string): string {
  const relative = path.relative(folder, file);
  // Another drive has no relative path.
  if (path.isAbsolute(relative)) return pathToFileURL(relative).href;
  return `./${relative.split(path.sep).map(encodeURIComponent).join("/")}`;
}
