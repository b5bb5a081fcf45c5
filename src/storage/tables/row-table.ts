import { Writable } from "node:stream";
import type { SchemaElement } from "hyparquet";
import { failure, messageOf, VadiError } from "../../common/errors.js";
import { writeAtomic, writeFileAtomic } from "../../files/atomic.js";

/** A column of numbers of a result table. */
export interface TableColumn {
  name: string;
  type: "INT32" | "INT64" | "DOUBLE";
}

/** The columns' numbers by name, all of the same length. */
export type TableValues = Readonly<Record<string, ArrayLike<number>>>;

/** Rows from which on the columnar writer takes over: parquetjs-lite encodes value by value, at a fifth of its speed. */
const COLUMNAR_ROWS = 50_000;

/**
 * Writes a table of results (a history, slices) as a Parquet file of required columns, which
 * appears under its name only when it is whole: by parquetjs-lite, a row writer, or where there are
 * many rows by hyparquet-writer. The same numbers give the same bytes.
 *
 * @throws a failure that names the file, and the column where a value does not fit it (NaN never
 *   does: parquetjs-lite knows none)
 */
export async function writeTable(
  file: string,
  columns: readonly TableColumn[],
  values: TableValues,
): Promise<void> {
  const rows = columnOf(values, columns[0]).length;
  try {
    for (const column of columns) checkColumn(column, columnOf(values, column), rows);
    if (rows > COLUMNAR_ROWS) await writeColumns(file, columns, values);
    else await writeFileAtomic(file, await rowFile(columns, values, rows));
  } catch (error) {
    throw tableNotWritten(file, error);
  }
}

/**
 * As `writeTable`, for a table that is made in parts: of a short one the parts are put together, of
 * a long one each is written as it comes, a row group each, so that no more than one is held.
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
  if (rows <= COLUMNAR_ROWS) {
    const whole = columns.map(({ name }) => [name, new Float64Array(rows)] as const);
    let at = 0;
    for await (const part of parts) {
      for (const [name, values] of whole) values.set(Array.from(part[name] ?? []), at);
      at += columnOf(part, columns[0]).length;
    }
    return writeTable(file, columns, Object.fromEntries(whole));
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

/** What is thrown where a table's parts are made is not to blame on its file. */
export function tableNotWritten(file: string, error: unknown): VadiError {
  if (error instanceof VadiError) return error;
  return failure(`Could not write ${file}: ${messageOf(error)}.`, error);
}

function columnOf(values: TableValues, column: TableColumn | undefined): ArrayLike<number> {
  const numbers = column === undefined ? undefined : values[column.name];
  if (numbers === undefined) throw new Error(`A table has no values for column ${column?.name}`);
  return numbers;
}

/** parquetjs-lite would cut 1.5 to 1 in an integer column: that may not pass unseen. */
function checkColumn({ name, type }: TableColumn, values: ArrayLike<number>, rows: number): void {
  if (values.length !== rows) {
    throw new Error(`column ${name} has ${values.length} rows, but the first has ${rows}`);
  }
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    const fits = type === "DOUBLE" ? !Number.isNaN(value) : Number.isSafeInteger(value);
    if (!fits || (type === "INT32" && value !== (value | 0))) {
      throw new Error(`row ${row} of column ${name} is ${value}, which is no ${type}`);
    }
  }
}

/** The bytes of a Parquet file by parquetjs-lite. */
async function rowFile(
  columns: readonly TableColumn[],
  values: TableValues,
  rows: number,
): Promise<Buffer> {
  const { default: parquet } = await import("parquetjs-lite");
  const chunks: Buffer[] = [];
  const collector = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const schema = new parquet.ParquetSchema(
    Object.fromEntries(columns.map(({ name, type }) => [name, { type }])),
  );
  const writer = await parquet.ParquetWriter.openStream(schema, collector, {
    rowGroupSize: COLUMNAR_ROWS,
  });
  // What appendRow would gather, row after row and object after object, at a tenth of the speed: all
  // rows are one row group, whose columns are required, so that their levels are 0.
  if (rows > 0) {
    const levels = Array.from({ length: rows }, () => 0);
    const shredded = columns.map((column) => {
      const numbers = Array.from(columnOf(values, column));
      const distinct = new Set(numbers);
      const levelled = { dlevels: levels, rlevels: levels, count: rows };
      return [column.name, { ...levelled, values: numbers, distinct_values: distinct }] as const;
    });
    writer.rowBuffer = {
      rowCount: rows,
      pageRowCount: rows,
      columnData: Object.fromEntries(shredded),
      pages: Object.fromEntries(columns.map(({ name }) => [name, []])),
    };
  }
  await writer.close();
  return Buffer.concat(chunks);
}

/** The same table through hyparquet-writer, straight to a temporary file. */
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

function schemaOf(columns: readonly TableColumn[]): SchemaElement[] {
  return [
    { name: "root", num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({
      name,
      type,
      repetition_type: "REQUIRED",
    })),
  ];
}

function columnData(
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
