import { failure } from "../../common/errors.js";
import { shardColumns } from "../format/columns.js";
import { recordBatchRows } from "../format/shard-format.js";
import type { TableFile } from "../format/table-file.js";
import type { ForeignReading } from "../format/types.js";
import { foreignBlockRows } from "./blocks.js";
import type { RowReading } from "./row-index.js";

/**
 * How all columns of a shard are read.
 *
 * @throws a failure where the file does not have exactly the columns of a shard
 */
export function shardReading(
  path: string,
  table: TableFile,
  features: number,
): Omit<RowReading, "key"> {
  const names = shardColumns(features);
  const columns = table.columns();
  const isShard =
    columns.length === names.length &&
    columns.every(({ name, numberType }, at) => name === names[at] && numberType === "float32");
  if (!isShard) {
    throw failure(
      `${path} has other columns than its manifest says: expected ${names[0]} to ${names.at(-2)} and y, all float32.`,
    );
  }
  return {
    columns: [...names.keys()],
    nameOf: (column) => shardColumns(features)[column]!,
    invalid: "trust",
    residuals: false,
    mostRows: recordBatchRows(features),
    blockRows: undefined,
  };
}

/** How the columns of a foreign file are read. */
export function foreignReading(
  path: string,
  table: TableFile,
  { columns: names, invalid, residuals = false, blockRows }: ForeignReading,
): Omit<RowReading, "key"> {
  return {
    columns: findColumns(path, table, names),
    nameOf: (column) => names[column]!,
    invalid,
    residuals,
    mostRows: foreignBlockRows(names.length),
    blockRows,
  };
}

/**
 * The positions of named columns in a file; of columns of one name, the first.
 *
 * @throws a failure where a column is not there, or has no numbers
 */
export function findColumns(path: string, table: TableFile, names: readonly string[]): number[] {
  const columns = table.columns();
  const positions = new Map(columns.map(({ name }, at) => [name, at] as const).toReversed());
  return names.map((name) => {
    const position = positions.get(name);
    if (position === undefined) throw failure(`${path} has no column ${name}.`);
    const { numeric, type } = columns[position]!;
    if (!numeric) throw failure(`Column ${name} of ${path} is ${type}, which is not numeric.`);
    return position;
  });
}
