import {
  Field,
  FixedSizeList,
  Float32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
} from "apache-arrow";
import type { ArrayBufferViewInput } from "apache-arrow/util/buffer";
import type { TableValues } from "./row-table.js";
import type { ByteSink, ShardWriter } from "./shard-format.js";

/** Hands every piece of the file to a sink at once, instead of keeping it in a queue. */
class SinkWriter extends RecordBatchFileWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    super();
    this.#sink = sink;
  }

  protected override _write(chunk: ArrayBufferViewInput): this {
    // The library passes typed arrays here, whatever the wider type allows.
    const bytes = chunk as Uint8Array;
    if (bytes.byteLength > 0) {
      this.#sink(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      this._position += bytes.byteLength;
    }
    return this;
  }
}

/** The schema of an Arrow shard: x, FixedSizeList(D) of Float32, and y, Float32. */
function arrowSchema(features: number, metadata: readonly (readonly [string, string])[]): Schema {
  const item = new Field("item", new Float32(), false);
  return new Schema(
    [
      new Field("x", new FixedSizeList(features, item), false),
      new Field("y", new Float32(), false),
    ],
    new Map(metadata),
  );
}

/** A writer of an Arrow IPC file. Rows lie one after the other in it, so that a batch is one piece. */
export function createArrowWriter(
  features: number,
  metadata: readonly (readonly [string, string])[],
  sink: ByteSink,
): ShardWriter {
  const schema = arrowSchema(features, metadata);
  const writer = new SinkWriter(sink);
  const [xField, yField] = schema.fields;
  if (xField === undefined || yField === undefined) throw new Error("The schema has two fields.");
  const listType = xField.type as FixedSizeList<Float32>;
  // Started here, so that a shard without rows is a valid file as well.
  writer.reset(undefined, schema);
  return {
    append(x, y, rows) {
      const values = makeData({ type: new Float32(), length: rows * features, data: x });
      const xData = makeData({ type: listType, length: rows, nullCount: 0, child: values });
      const yData = makeData({ type: new Float32(), length: rows, data: y });
      const struct = makeData({
        type: new Struct(schema.fields),
        length: rows,
        nullCount: 0,
        children: [xData, yData],
      });
      writer.write(new RecordBatch(schema, struct));
    },
    finish() {
      writer.finish();
    },
  };
}

/** A writer of an Arrow IPC file of float32 columns, a record batch for each part of the table. */
export function createArrowTableWriter(
  names: readonly string[],
  sink: ByteSink,
): { append(part: TableValues): void; finish(): void } {
  const schema = new Schema(names.map((name) => new Field(name, new Float32(), false)));
  const writer = new SinkWriter(sink);
  writer.reset(undefined, schema);
  return {
    append(part) {
      const children = names.map((name) => {
        const data = Float32Array.from(part[name] ?? []);
        return makeData({ type: new Float32(), length: data.length, nullCount: 0, data });
      });
      const length = children[0]?.length ?? 0;
      const type = new Struct(schema.fields);
      writer.write(new RecordBatch(schema, makeData({ type, length, nullCount: 0, children })));
    },
    finish() {
      writer.finish();
    },
  };
}
