import { countedExactly, plural } from "../../common/text/plurals.js";
import path from "node:path";
import type { Figure } from "./figure.js";

/*
 * The sentences below a figure on what it does not show.
 */

/** The start of a note on numbers that were left out. */
export const pageIsFull = "With all numbers this page would exceed 10 MB";

/** Where all numbers of a figure are, for a note that some were left out. */
export function locationOfAll({ data = [] }: Figure): string {
  return data.length === 0
    ? "the folder that the figure was made from has all"
    : `all are in ${data.map(({ file }) => path.basename(file)).join(" and ")}`;
}

/** Points that cannot be drawn. */
export interface Gaps {
  /** NaN or infinite. */
  notFinite: number;
  /** Finite, but not above zero on a logarithmic axis. */
  notPositive: number;
}

export function gapNotes({ notFinite, notPositive }: Gaps): string[] {
  const notes: string[] = [];
  if (notFinite > 0)
    notes.push(
      `${countedExactly(notFinite, "point")} ${plural(notFinite, "is", "are")} not finite (NaN or infinite) and shown as gaps.`,
    );
  if (notPositive > 0)
    notes.push(
      `${countedExactly(notPositive, "point")} ${plural(notPositive, "is", "are")} not above zero and cannot be shown on a logarithmic axis.`,
    );
  return notes;
}
