/** Notations of numbers that no option of the CSV reader reads, and their description. */
const NOTATIONS: readonly (readonly [RegExp, string])[] = [
  [/^[-+]?\d{1,3}(?:[ '\u00A0\u202F]\d{3})+(?:[.,]\d+)?$/, "with thousands set apart"],
  [/^[-+]?[\d.,]+\s*[%‰]$/, "with percent signs"],
  [/^[-+]?\p{Sc}\s*[-+]?[\d.,]+$|^[-+]?[\d.,]+\s*\p{Sc}$/u, "with currency signs"],
  [/^\([\d.,]+\)$/, "with parentheses for negative values"],
  [/^0[box][\da-f]+$/i, "with a prefix such as 0x"],
];

/** A text column whose values are numbers in a notation that is not read. */
export interface UnreadNumbers {
  /** The notation, for messages: `with percent signs`. */
  notation: string;
  example: string;
}

/**
 * Finds a notation that is not read, in which at least half of a column's values are numbers.
 *
 * @param values of the first rows, trimmed, none empty
 */
export function unreadNumbers(values: readonly string[]): UnreadNumbers | undefined {
  for (const [pattern, notation] of NOTATIONS) {
    const example = values.find((value) => pattern.test(value));
    if (example === undefined) continue;
    // Whole numbers are numbers in every notation.
    const count = values.filter((value) => pattern.test(value) || /^[-+]?\d+$/.test(value)).length;
    if (2 * count >= values.length) return { notation, example };
  }
  return undefined;
}
