import { closeSync, openSync, writeSync } from "node:fs";
import { Field, Float32, makeData, RecordBatch, Schema, Struct } from "apache-arrow";
import { failure, messageOf, VadiError } from "../common/errors.js";
import { SinkWriter } from "./arrow-writer.js";
import { placeWhole } from "./atomic.js";
import type { TableValues } from "./row-table.js";

/**
 * Writes a table of float32 columns as an Arrow IPC file, a record batch for each part, so that no
 * more than one is held; the file appears under its name only when it is whole.
 *
 * @throws a failure that names the file
 */
export async function writeArrowTable(
  file: string,
  names: readonly string[],
  parts: AsyncIterable<TableValues>,
): Promise<void> {
  const schema = new Schema(names.map((name) => new Field(name, new Float32(), false)));
  try {
    await placeWhole(file, async (temporary) => {
      const descriptor = openSync(temporary, "w");
      try {
        const writer = new SinkWriter((bytes) => {
          for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
        });
        writer.reset(undefined, schema);
        for await (const part of parts) writer.write(recordBatch(schema, part));
        writer.finish();
      } finally {
        closeSync(descriptor);
      }
    });
  } catch (error) {
    // What is thrown where the parts are made is not to blame on the file.
    if (error instanceof VadiError) throw error;
    throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
  }
}

function recordBatch(schema: Schema, part: TableValues): RecordBatch {
  const children = schema.fields.map(({ name }) => {
    const data = Float32Array.from(part[name] ?? []);
    return makeData({ type: new Float32(), length: data.length, nullCount: 0, data });
  });
  const length = children[0]?.length ?? 0;
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}
