import { asyncBufferFromFile, parquetRead } from "hyparquet";
import type { ColumnData } from "hyparquet";
import { failure, messageOf } from "../../common/errors.js";
import type { TableColumn } from "./table-values.js";

/**
 * Reads columns of a result table.
 *
 * @param what describes the file in errors, with a space at the end
 * @throws a failure that names the file, if a column is missing or shorter than another
 */
export async function readTable(
  file: string,
  columns: readonly TableColumn[],
  what = "",
): Promise<Record<string, Float64Array>> {
  const names = columns.map(({ name }) => name);
  const chunks: ColumnData[] = [];
  try {
    await parquetRead({
      file: await asyncBufferFromFile(file),
      columns: names,
      onChunk: (chunk) => chunks.push(chunk),
    });
  } catch (error) {
    throw failure(`Could not read ${what}${file}: ${messageOf(error)}.`, error);
  }
  const read = names.map((name) => {
    const parts = chunks.filter(({ columnName }) => columnName === name);
    return [name, joined(parts)] as const;
  });
  const rows = read[0]![1].length;
  for (const [name, values] of read) {
    if (values.length !== rows) {
      throw failure(`${file}: column ${name} has ${values.length} rows, another has ${rows}.`);
    }
  }
  return Object.fromEntries(read);
}

/** Joins the chunks of a column, which may be in any order. */
function joined(chunks: readonly ColumnData[]): Float64Array {
  const values = new Float64Array(
    chunks.reduce((rows, { columnData }) => rows + columnData.length, 0),
  );
  let at = 0;
  for (const { columnData } of chunks.toSorted((one, other) => one.rowStart - other.rowStart)) {
    values.set(Float64Array.from(columnData, Number), at);
    at += columnData.length;
  }
  return values;
}
