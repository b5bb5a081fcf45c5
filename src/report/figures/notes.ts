import path from "node:path";
import type { Texts } from "../../language/index.js";
import type { Figure } from "./figure.js";

/*
 * The sentences below a figure on what it does not show.
 */

/** Where all numbers of a figure are, for a note that some were left out. */
export function locationOfAll(texts: Texts, { data = [] }: Figure): string {
  return data.length === 0
    ? texts.notes.allInFolder
    : texts.notes.allIn(data.map(({ file }) => path.basename(file)));
}

/** Points that cannot be drawn. */
export interface Gaps {
  /** NaN or infinite. */
  notFinite: number;
  /** Finite, but not above zero on a logarithmic axis. */
  notPositive: number;
}

export function gapNotes(texts: Texts, { notFinite, notPositive }: Gaps): string[] {
  return [
    ...(notFinite > 0 ? [texts.notes.notFinite(notFinite)] : []),
    ...(notPositive > 0 ? [texts.notes.notPositive(notPositive)] : []),
  ];
}
