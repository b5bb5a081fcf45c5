import type { UnreadNumbers } from "../format/table-file.js";

/** Notations of numbers that vadi does not read, and their description. */
const NOTATIONS: readonly (readonly [RegExp, string])[] = [
  [/^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/, "with commas between thousands"],
  [/^[-+]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$/, "with points between thousands"],
  [/^[-+]?\d{1,3}(?:[ '\u00A0\u202F]\d{3})+(?:[.,]\d+)?$/, "with thousands set apart"],
  [/^[-+]?\d*,\d+(?:e[-+]?\d+)?$/i, "with decimal commas"],
  [/^[-+]?[\d.,]+\s*[%‰]$/, "with percent signs"],
  [/^[-+]?\p{Sc}\s*[-+]?[\d.,]+$|^[-+]?[\d.,]+\s*\p{Sc}$/u, "with currency signs"],
  [/^\([\d.,]+\)$/, "with parentheses for negative values"],
  [/^0[box][\da-f]+$/i, "with a prefix such as 0x"],
];

/**
 * Finds a notation that vadi does not read, in which at least half of a column's fields are numbers.
 *
 * @param fields of the first rows
 * @param where the position of a row, for messages
 */
export function unreadNumbers(
  fields: readonly string[],
  where: (row: number) => string,
): UnreadNumbers | undefined {
  const filled = fields.filter((field) => field.trim() !== "").length;
  for (const [pattern, notation] of NOTATIONS) {
    const matches = (field: string): boolean => pattern.test(field.trim());
    const first = fields.findIndex(matches);
    // Whole numbers are numbers in every notation.
    const count = fields.filter((field) => matches(field) || /^\s*[-+]?\d+\s*$/.test(field)).length;
    if (first >= 0 && 2 * count >= filled) {
      return { notation, example: fields[first]!.trim(), where: where(first) };
    }
  }
  return undefined;
}
