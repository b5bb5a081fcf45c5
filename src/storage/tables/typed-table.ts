import { closeSync, openSync } from "node:fs";
import type { SchemaElement } from "hyparquet";
import { writeAtomic } from "../../files/atomic.js";
import { tableNotWritten } from "./row-table.js";
import type { ShardFormat } from "../format/shard-format.js";
import type { TypedColumn, TypedField } from "../format/typed-column.js";
import { writeFully } from "../../files/write-fully.js";

/**
 * Writes a table of numeric columns, each in its own type, as one Parquet or Arrow IPC file: a row
 * group or record batch for each part, so that no more than one is held in memory. The file appears
 * under its name only when it is complete.
 *
 * @param parts each has one array per column, all of the same length
 * @throws a failure that names the file
 */
export async function writeTypedTable(
  file: string,
  format: ShardFormat,
  fields: readonly TypedField[],
  parts: AsyncIterable<readonly TypedColumn[]>,
): Promise<void> {
  const write = format === "parquet" ? writeParquet : writeArrow;
  try {
    await writeAtomic(file, (temporary) => write(temporary, fields, parts));
  } catch (error) {
    throw tableNotWritten(file, error);
  }
}

async function writeParquet(
  file: string,
  fields: readonly TypedField[],
  parts: AsyncIterable<readonly TypedColumn[]>,
): Promise<void> {
  const { fileWriter, ParquetWriter } = await import("hyparquet-writer");
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    schema: [{ name: "root", num_children: fields.length }, ...fields.map(parquetField)],
  });
  for await (const part of parts) {
    const columnData = fields.map(({ name }, at) => ({ name, data: parquetData(part[at]!) }));
    await writer.write({ columnData, rowGroupSize: part[0]?.length ?? 0 });
  }
  await writer.finish();
}

function parquetField({ name, type }: TypedField): SchemaElement {
  const required = { name, repetition_type: "REQUIRED" } as const;
  if (type === "float32") return { ...required, type: "FLOAT" };
  if (type === "float64") return { ...required, type: "DOUBLE" };
  const physical = type.endsWith("64") ? "INT64" : "INT32";
  if (type === "int32" || type === "int64") return { ...required, type: physical };
  const converted = type.toUpperCase().replace("INT", "INT_") as SchemaElement["converted_type"];
  return { ...required, type: physical, ...(converted && { converted_type: converted }) };
}

/** Integers of 8 and 16 bits are stored in 32 bits. hyparquet-writer takes unsigned 32-bit integers only as plain arrays. */
function parquetData(
  values: TypedColumn,
): number[] | Int32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array {
  if (values instanceof Uint32Array) return Array.from(values);
  return values instanceof Int8Array ||
    values instanceof Int16Array ||
    values instanceof Uint8Array ||
    values instanceof Uint16Array
    ? Int32Array.from(values)
    : values;
}

async function writeArrow(
  file: string,
  fields: readonly TypedField[],
  parts: AsyncIterable<readonly TypedColumn[]>,
): Promise<void> {
  // Loaded only when an Arrow file is written: apache-arrow takes as long to load as the rest of storage.
  const { createArrowTableWriter } = await import("../arrow/writer.js");
  const descriptor = openSync(file, "w");
  try {
    const writer = createArrowTableWriter(fields, (bytes) => writeFully(descriptor, bytes));
    for await (const part of parts) writer.append(part);
    writer.finish();
  } finally {
    closeSync(descriptor);
  }
}
