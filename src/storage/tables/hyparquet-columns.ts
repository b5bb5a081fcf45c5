import type { SchemaElement } from "hyparquet";
import { columnOf, type TableColumn, type TableValues } from "./table-values.js";

/** The schema of required columns. */
export function schemaOf(columns: readonly TableColumn[]): SchemaElement[] {
  return [
    { name: "root", num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({
      name,
      type,
      repetition_type: "REQUIRED",
    })),
  ];
}

/** The numbers of each column as hyparquet-writer takes them. */
export function columnData(
  columns: readonly TableColumn[],
  values: TableValues,
): { name: string; data: Int32Array | BigInt64Array | Float64Array }[] {
  return columns.map(({ name, type }) => ({
    name,
    data: typed(type, columnOf(values, { name, type })),
  }));
}

function typed(
  type: TableColumn["type"],
  values: ArrayLike<number>,
): Int32Array | BigInt64Array | Float64Array {
  if (type === "INT32") return Int32Array.from(values);
  if (type === "INT64") return BigInt64Array.from(Array.from(values, BigInt));
  return Float64Array.from(values);
}
