import type { RecordBatch, Schema } from "apache-arrow";
import type { ArrowStream, SourceColumns } from "../types.js";

/**
 * Columns as Arrow record batches.
 *
 * @param read starts to read the rows; each use of the stream does so
 * @param names the features', then the target's
 */
export function arrowBatches(
  read: () => AsyncIterable<SourceColumns>,
  names: readonly string[],
): ArrowStream {
  const batches = (): AsyncGenerator<RecordBatch, void, void> => recordBatches(read(), names);
  return {
    [Symbol.asyncIterator]: batches,
    async table() {
      const { Table } = await import("apache-arrow");
      const all: RecordBatch[] = [];
      for await (const batch of batches()) all.push(batch);
      return new Table(all);
    },
    bytes: () => streamBytes(batches()),
  };
}

async function* recordBatches(
  parts: AsyncIterable<SourceColumns>,
  names: readonly string[],
): AsyncGenerator<RecordBatch, void, void> {
  const { Field, makeData, makeVector, RecordBatch, Schema, Struct } = await import("apache-arrow");
  let schema: Schema | undefined;
  for await (const { columns, rows } of parts) {
    const children = columns.map((column) => makeVector(column).data[0]!);
    schema ??= new Schema(children.map(({ type }, at) => new Field(names[at]!, type, false)));
    const type = new Struct(schema.fields);
    yield new RecordBatch(
      schema,
      makeData({ type, length: rows, nullCount: 0, children }),
    ) as RecordBatch;
  }
}

/**
 * The bytes of record batches in the IPC stream format.
 *
 * @yields the bytes of one batch after the other, in parts
 */
async function* streamBytes(
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<Uint8Array, void, void> {
  const { AsyncByteQueue, RecordBatchStreamWriter } = await import("apache-arrow");
  let chunks: Uint8Array[] = [];
  // Its own queue takes what comes, however slowly it is read.
  const sink = Object.assign(new AsyncByteQueue<Uint8Array>(), {
    write(chunk: Uint8Array) {
      chunks.push(chunk);
    },
  });
  const writer = new RecordBatchStreamWriter();
  writer.reset(sink);
  const taken = (): Uint8Array[] => {
    const written = chunks;
    chunks = [];
    return written;
  };
  for await (const batch of batches) {
    writer.write(batch);
    yield* taken();
  }
  writer.finish();
  yield* taken();
}
