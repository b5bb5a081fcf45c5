import { failure, messageOf, VadiError } from "../../common/errors.js";
import { writeAtomic, writeFileAtomic } from "../../files/atomic.js";
import { encodeRows } from "./encode-rows.js";
import { columnData, schemaOf } from "./hyparquet-columns.js";
import { columnOf, type TableColumn, type TableValues } from "./table-values.js";

/** Longer tables are written by hyparquet-writer, which is five times as fast as parquetjs-lite. */
export const LONG_ROWS = 50_000;

/**
 * Writes a result table, such as a history or slices, as a Parquet file of required columns. The file is
 * written atomically: by parquetjs-lite, or by hyparquet-writer if it has many rows. The same numbers
 * give the same bytes.
 *
 * @throws a failure that names the file, and the column if a value does not fit it; NaN never fits,
 *   as parquetjs-lite has no representation for it
 */
export async function writeTable(
  file: string,
  columns: readonly TableColumn[],
  values: TableValues,
): Promise<void> {
  const rows = columnOf(values, columns[0]).length;
  try {
    for (const column of columns) checkColumn(column, columnOf(values, column), rows);
    if (rows > LONG_ROWS) await writeColumns(file, columns, values);
    else await writeFileAtomic(file, await encodeRows(columns, values, rows));
  } catch (error) {
    throw tableNotWritten(file, error);
  }
}

/**
 * Writes a result table whose rows are computed in parts. The parts of a short table are joined and
 * written by `writeTable`; each part of a long one is written as a row group before the next is computed.
 *
 * @param rows of all parts together
 * @param parts each with the same columns
 */
export async function writeLongTable(
  file: string,
  columns: readonly TableColumn[],
  rows: number,
  parts: AsyncIterable<TableValues>,
): Promise<void> {
  if (rows <= LONG_ROWS) {
    const joined = columns.map(({ name }) => [name, new Float64Array(rows)] as const);
    let at = 0;
    for await (const part of parts) {
      for (const [name, values] of joined) values.set(Array.from(part[name] ?? []), at);
      at += columnOf(part, columns[0]).length;
    }
    return writeTable(file, columns, Object.fromEntries(joined));
  }
  try {
    const { fileWriter, ParquetWriter } = await import("hyparquet-writer");
    await writeAtomic(file, async (temporary) => {
      const writer = new ParquetWriter({
        writer: fileWriter(temporary),
        schema: schemaOf(columns),
      });
      for await (const part of parts) {
        const count = columnOf(part, columns[0]).length;
        for (const column of columns) checkColumn(column, columnOf(part, column), count);
        await writer.write({ columnData: columnData(columns, part), rowGroupSize: count });
      }
      await writer.finish();
    });
  } catch (error) {
    throw tableNotWritten(file, error);
  }
}

/** The error about a table that could not be written. Errors of the code that computes its parts stay as they are. */
export function tableNotWritten(file: string, error: unknown): VadiError {
  if (error instanceof VadiError) return error;
  return failure(`Could not write ${file}: ${messageOf(error)}.`, error);
}

/** Throws for values that do not fit the column: parquetjs-lite would silently truncate 1.5 to 1 in an integer column. */
function checkColumn({ name, type }: TableColumn, values: ArrayLike<number>, rows: number): void {
  if (values.length !== rows) {
    throw new Error(`column ${name} has ${values.length} rows, but the first has ${rows}`);
  }
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    const fits = type === "DOUBLE" ? !Number.isNaN(value) : Number.isSafeInteger(value);
    if (!fits || (type === "INT32" && value !== (value | 0))) {
      throw new Error(`row ${row} of column ${name} is ${value}, which is not ${type}`);
    }
  }
}

/** Writes a table by hyparquet-writer. */
async function writeColumns(
  file: string,
  columns: readonly TableColumn[],
  values: TableValues,
): Promise<void> {
  const { fileWriter, parquetWrite } = await import("hyparquet-writer");
  await writeAtomic(file, async (temporary) => {
    await parquetWrite({
      writer: fileWriter(temporary),
      schema: schemaOf(columns),
      columnData: columnData(columns, values),
    });
  });
}
