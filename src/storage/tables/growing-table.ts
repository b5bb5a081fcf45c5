import type { ParquetWriter } from "hyparquet-writer";
import { rename } from "node:fs/promises";
import { syncFile, TEMPORARY_SUFFIX } from "../../files/system/flush.js";
import { columnData, schemaOf } from "./hyparquet-columns.js";
import { LONG_ROWS, tableNotWritten, writeTable } from "./row-table.js";
import type { TableColumn } from "./table-values.js";

/** A result table that receives its rows one by one, as many as there turn out to be. */
export interface GrowingTable {
  /** The numbers of a row, in the order of the columns. Call `flush` now and then. */
  add(row: readonly number[]): void;
  /** Writes row groups of the rows so far, where there are many. */
  flush(): Promise<void>;
  /** Writes the rest. The file appears under its name only now. */
  finish(): Promise<void>;
}

/**
 * Writes a result table of unknown length. A short one is written as `writeTable` does; of a long one, a row
 * group is written as soon as it is full.
 *
 * @throws as `writeTable`, in `flush` and `finish`
 */
export function createGrowingTable(file: string, columns: readonly TableColumn[]): GrowingTable {
  let rows: (readonly number[])[] = [];
  let writer: ParquetWriter | undefined;
  const temporary = file + TEMPORARY_SUFFIX;

  const valuesOf = (some: readonly (readonly number[])[]) =>
    Object.fromEntries(
      columns.map(({ name }, at) => [name, Float64Array.from(some, (row) => row[at]!)]),
    );

  async function writeGroup(): Promise<void> {
    const group = rows.slice(0, LONG_ROWS);
    rows = rows.slice(LONG_ROWS);
    try {
      if (writer === undefined) {
        const { fileWriter, ParquetWriter: Writer } = await import("hyparquet-writer");
        writer = new Writer({ writer: fileWriter(temporary), schema: schemaOf(columns) });
      }
      const data = columnData(columns, valuesOf(group));
      await writer.write({ columnData: data, rowGroupSize: group.length });
    } catch (error) {
      throw tableNotWritten(file, error);
    }
  }

  return {
    add: (row) => void rows.push(row),
    async flush() {
      while (rows.length > LONG_ROWS) await writeGroup();
    },
    async finish() {
      if (writer === undefined) return writeTable(file, columns, valuesOf(rows));
      if (rows.length > 0) await writeGroup();
      try {
        await writer.finish();
        await syncFile(temporary);
        await rename(temporary, file);
      } catch (error) {
        throw tableNotWritten(file, error);
      }
    },
  };
}
