import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Texts } from "../../language/index.js";
import type { DataLink } from "../figures/figure.js";
import { escapeHtml } from "./escape.js";
import { pathFrom } from "./paths.js";

/**
 * Links to the files that have a figure's numbers.
 *
 * @param folder the report's. The links are relative to it, so that both can be moved together. If it is unknown,
 *   the ends of the paths are printed as text.
 */
export function linksHtml(
  texts: Texts,
  links: readonly DataLink[],
  folder: string | undefined,
): string {
  if (links.length === 0) return "";
  const items = links.map(({ file, what }) => {
    const name = escapeHtml(path.basename(file));
    const shown =
      folder === undefined
        ? `<code>${escapeHtml(pathFrom(undefined, file))}</code>`
        : `<a href="${escapeHtml(linkTo(file, folder))}">${name}</a>`;
    return `${shown} (${escapeHtml(what)})`;
  });
  return `<p class="data">${escapeHtml(texts.page.files)} ${items.join(", ")}</p>`;
}

/** A relative URL. It starts with `./`, so that no file name can look like a scheme. */
export function linkTo(file: string, folder: string): string {
  const relative = path.relative(folder, file);
  // Another drive has no relative path.
  if (path.isAbsolute(relative)) return pathToFileURL(relative).href;
  return `./${relative.split(path.sep).map(encodeURIComponent).join("/")}`;
}
