import { failure, type VadiError } from "../../common/errors.js";
import type { DecodedColumn } from "../format/table-file.js";
import type { Floats } from "../format/types.js";

/** The largest double that rounds to a finite float32 is just below this. */
const OVERFLOW = 2 ** 128 - 2 ** 103;

/** Whether float32 has a finite number for a value; not for NaN. */
function isValid(value: number): boolean {
  return Math.abs(value) < OVERFLOW;
}

/** Index of the first value that is NaN, infinite or too large for float32; −1 if there is none. */
export function firstInvalid(values: Floats): number {
  let index = 0;
  // Four at a time, which takes half the time: every value of a foreign table passes through here.
  for (; index + 4 <= values.length; index += 4) {
    const areValid =
      isValid(values[index]!) &&
      isValid(values[index + 1]!) &&
      isValid(values[index + 2]!) &&
      isValid(values[index + 3]!);
    if (!areValid) break;
  }
  for (; index < values.length; index++) if (!isValid(values[index]!)) return index;
  return -1;
}

/** Marks with 1 the rows whose values in all columns are valid; undefined if all rows are. */
export function validRows(columns: readonly DecodedColumn[], rows: number): Uint8Array | undefined {
  let valid: Uint8Array | undefined;
  for (const { values } of columns) {
    for (let row = 0; row < rows; row++) {
      if (isValid(values[row]!)) continue;
      valid ??= new Uint8Array(rows).fill(1);
      valid[row] = 0;
    }
  }
  return valid;
}

/**
 * The error about an invalid value.
 *
 * @param row of the value in the column
 * @param fileRow number in the file of that row
 */
export function invalidValue(
  path: string,
  name: string,
  { values, missing }: DecodedColumn,
  row: number,
  fileRow: number,
): VadiError {
  const value = values[row]!;
  const description = Number.isNaN(value)
    ? missing?.[row] === 1
      ? "missing (null)"
      : "not a number"
    : String(value);
  const why = Number.isFinite(value) ? `${description}, too large for float32` : description;
  const position = `row ${fileRow + 1} (counted from 1)`;
  return failure(
    (option) =>
      `Column ${name} of ${path} is ${why} in ${position}; drop such rows with ${option("invalid")} drop, or choose other ${option("features")}.`,
  );
}
