import type { FileMetaData, SchemaElement, SchemaTree } from "hyparquet";
import type { NumberType } from "../format/number-type.js";
import type { FileColumn } from "../format/table-file.js";

/** Every whole number up to this is a float32. */
const EXACT_INTEGER = 2 ** 24;

const NUMBERS: ReadonlySet<string | undefined> = new Set([
  "BOOLEAN",
  "FLOAT",
  "DOUBLE",
  "INT32",
  "INT64",
]);
const INTEGERS = /^U?INT_(8|16|32|64)$/;

/**
 * Describes a top-level column.
 *
 * @param leaf index of its first leaf among a row group's columns
 */
export function describeColumn(tree: SchemaTree, metadata: FileMetaData, leaf: number): FileColumn {
  const { element } = tree;
  const { name, type, converted_type: converted, logical_type: logical } = element;
  if (tree.children.length > 0 || element.repetition_type === "REPEATED") {
    return { name, type: "nested", numeric: false, numberType: "float64", exact: false };
  }
  const meaning = converted ?? logical?.type;
  const isHalf = logical?.type === "FLOAT16";
  const isDecimal = meaning === "DECIMAL";
  const numeric =
    isHalf ||
    isDecimal ||
    (NUMBERS.has(type) &&
      (meaning === undefined || meaning === "INTEGER" || INTEGERS.test(meaning)));
  return {
    name,
    type: meaning === undefined ? (type ?? "unknown") : `${type} (${meaning})`,
    numeric,
    numberType: isDecimal ? "float64" : isHalf ? "float32" : numberTypeOf(element),
    exact: isHalf || isDecimal || hasExactIntegers(element, metadata, leaf),
  };
}

function numberTypeOf({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): NumberType {
  if (type === "FLOAT") return "float32";
  if (type === "BOOLEAN") return "uint8";
  if (type !== "INT32" && type !== "INT64") return "float64";
  const [, unsigned, width] = /^(U?)INT_(8|16|32|64)$/.exec(converted ?? "") ?? [];
  const bits = width ?? (logical?.type === "INTEGER" ? logical.bitWidth : type.slice(3));
  const isUnsigned =
    width === undefined ? logical?.type === "INTEGER" && !logical.isSigned : unsigned === "U";
  return `${isUnsigned ? "uint" : "int"}${bits}` as NumberType;
}

/** Whether a column has no integers, or its statistics say that all of them are float32 numbers. */
function hasExactIntegers(element: SchemaElement, metadata: FileMetaData, leaf: number): boolean {
  const { type, converted_type: converted } = element;
  if (type !== "INT32" && type !== "INT64") return true;
  if (converted !== undefined && /^U?INT_(8|16)$/.test(converted)) return true;
  return metadata.row_groups.every((group) => {
    const statistics = group.columns[leaf]?.meta_data?.statistics;
    const least = Number(statistics?.min_value ?? statistics?.min ?? NaN);
    const most = Number(statistics?.max_value ?? statistics?.max ?? NaN);
    return least >= -EXACT_INTEGER && most <= EXACT_INTEGER;
  });
}

/** The columns that hold values, in the order of a row group's column chunks. */
export function leavesOf(tree: SchemaTree): SchemaTree[] {
  return tree.children.flatMap((child) =>
    child.children.length === 0 ? [child] : leavesOf(child),
  );
}
