import { failure, usageError } from "../../common/errors.js";
import type { ColumnNames } from "../format/columns.js";
import { numericNames } from "./arrow-columns.js";
import { isArrowBatch, isBatch } from "./types.js";

/** The target where none is named. */
const TARGET = "y";

/**
 * Checks the columns that were named.
 *
 * @returns undefined where the features were not
 */
export function givenColumns(
  target: string | null,
  features: readonly string[] | null,
): ColumnNames | undefined {
  if (features === null) return undefined;
  const columns = { features: [...features], target: target ?? TARGET };
  const twice = features.find((name, at) => features.indexOf(name) !== at);
  if (twice !== undefined) {
    throw usageError((option) => `Column ${twice} is named twice in ${option("features")}.`);
  }
  if (features.includes(columns.target)) {
    throw usageError(
      (option) =>
        `Column ${columns.target} is the target and cannot be a feature as well: see ${option("features")} and ${option("target")}.`,
    );
  }
  return columns;
}

/**
 * The columns of the first item: a row's properties or an Arrow batch's numeric columns, but for the target, or
 * x0 … x(D−1) of an `{ x, y }` batch.
 */
export function columnsOfFirst(
  first: object,
  target: string | null,
): { columns: ColumnNames; left: string[] } {
  const name = target ?? TARGET;
  if (!isArrowBatch(first) && isBatch(first)) {
    const rows = typeof first.y === "object" ? first.y.length : 1;
    const width = first.x.length / rows;
    if (!Number.isInteger(width) || width === 0) {
      throw failure(
        `The first batch has ${first.x.length} numbers in x and ${rows} in y; x must have as many features for each of y.`,
      );
    }
    const features = Array.from({ length: width }, (_, feature) => `x${feature}`);
    return { columns: givenColumns(target, features)!, left: [] };
  }
  const { names, left } = isArrowBatch(first)
    ? numericNames(first)
    : { names: Object.keys(first), left: [] };
  if (!names.includes(name)) {
    const has = [...names, ...left].join(", ");
    throw usageError((option) =>
      left.includes(name)
        ? `Column ${name} of the record batch is not numeric; choose another ${option("target")}.`
        : target === null
          ? `The rows have no column y; name the target with ${option("target")}: they have ${has}.`
          : `The rows have no column ${name} for ${option("target")}: they have ${has}.`,
    );
  }
  const features = names.filter((one) => one !== name);
  if (features.length === 0) {
    throw usageError(`The rows have no numeric column besides the target ${name}.`);
  }
  return { columns: givenColumns(target, features)!, left };
}
