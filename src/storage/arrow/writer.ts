import {
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
} from "apache-arrow";
import type { ArrayBufferViewInput } from "apache-arrow/util/buffer";
import type { ByteSink, ShardWriter } from "../format/shard-format.js";
import type { TypedColumn, TypedField } from "../format/typed-column.js";

/** Passes bytes to a sink immediately instead of queueing them. */
class SinkWriter extends RecordBatchFileWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    super();
    this.#sink = sink;
  }

  protected override _write(chunk: ArrayBufferViewInput): this {
    // The library only passes typed arrays, although the type allows more.
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

/** Creates a writer of an Arrow IPC file whose features are stored row after row. */
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
  // Started here, so that a file without rows is valid as well.
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

const TYPES = {
  int8: () => new Int8(),
  int16: () => new Int16(),
  int32: () => new Int32(),
  int64: () => new Int64(),
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  uint64: () => new Uint64(),
  float32: () => new Float32(),
  float64: () => new Float64(),
} as const;

/** Creates a writer of a table of numeric columns. Every part becomes a record batch. */
export function createArrowTableWriter(
  fields: readonly TypedField[],
  sink: ByteSink,
): { append(part: readonly TypedColumn[]): void; finish(): void } {
  const types = fields.map(({ type }) => TYPES[type]());
  const schema = new Schema(fields.map(({ name }, at) => new Field(name, types[at]!, false)));
  const writer = new SinkWriter(sink);
  writer.reset(undefined, schema);
  return {
    append(part) {
      const length = part[0]?.length ?? 0;
      const children = part.map((data, at) =>
        // Each array has the element type of its column.
        makeData({ type: types[at]! as Float32, length, nullCount: 0, data: data as Float32Array }),
      );
      const type = new Struct(schema.fields);
      writer.write(new RecordBatch(schema, makeData({ type, length, nullCount: 0, children })));
    },
    finish() {
      writer.finish();
    },
  };
}
