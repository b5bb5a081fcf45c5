import { failure, reasonOf, VadiError } from "../../common/errors.js";
import { openFile, type OpenFile } from "../format/open-file.js";
import type { DecodedColumn } from "../format/table-file.js";
import type { TableColumn } from "./table-values.js";

/** Rows that are decoded at once: a file may claim more than it has, and memory is taken for so many first. */
const BLOCK_ROWS = 2 ** 20;

/**
 * Reads columns of a result table.
 *
 * @param what describes the file in errors, with a space at the end
 * @throws a failure that names the file, and the column if one is missing
 */
export async function readTable(
  file: string,
  columns: readonly TableColumn[],
  what = "",
): Promise<Record<string, Float64Array>> {
  let opened: OpenFile | undefined;
  try {
    opened = openFile(file);
    return await readColumns(opened, columns);
  } catch (error) {
    if (!(error instanceof VadiError)) {
      throw failure(`Could not read ${what}${file}: ${reasonOf(error)}.`, error);
    }
    if (what === "") throw error;
    throw failure(`Could not read ${what.trim()}: ${error.message}`, error);
  } finally {
    opened?.close();
  }
}

async function readColumns(
  file: OpenFile,
  columns: readonly TableColumn[],
): Promise<Record<string, Float64Array>> {
  const { openParquetFile } = await import("../parquet/reader.js");
  const table = openParquetFile(file);
  const found = table.columns();
  const positions = columns.map(({ name }) => {
    const position = found.findIndex((column) => column.name === name);
    if (position < 0) throw failure(`${file.path} has no column ${name}.`);
    if (!found[position]!.numeric) throw failure(`Column ${name} of ${file.path} is not numeric.`);
    return position;
  });
  const reader = table.select(positions);
  const blocks: DecodedColumn[][] = [];
  for (const [group, claimed] of table.groups.entries()) {
    for (let from = 0; from < claimed; from += BLOCK_ROWS) {
      blocks.push(await reader.decode(file, group, from, Math.min(claimed, from + BLOCK_ROWS)));
    }
  }
  const rows = table.groups.reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(
    columns.map(({ name }, index) => {
      const values = new Float64Array(rows);
      let at = 0;
      for (const block of blocks) {
        values.set(block[index]!.values, at);
        at += block[index]!.values.length;
      }
      return [name, values];
    }),
  );
}
