import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter, type Writer } from "hyparquet-writer";
import { zstdCompress, type Compression } from "./compression.js";
import type { ByteSink, ShardWriter } from "./shard-format.js";

const CODECS = { none: "UNCOMPRESSED", snappy: "SNAPPY", zstd: "ZSTD" } as const;

/** The names of a Parquet shard's columns: x0 … x(D−1) and y. */
export function parquetColumns(features: number): string[] {
  return [...Array.from({ length: features }, (_, feature) => `x${feature}`), "y"];
}

/** hyparquet-writer's buffer, emptied into a sink whenever a row group is whole. */
function sinkWriter(sink: ByteSink): Writer {
  const writer: Writer & { buffer: ArrayBuffer; index: number } = new ByteWriter();
  const flush = (): void => {
    if (writer.index > 0) sink(new Uint8Array(writer.buffer, 0, writer.index));
    writer.index = 0;
  };
  writer.flush = flush;
  writer.finish = flush;
  return writer;
}

/**
 * A writer of a Parquet file with one required FLOAT column a feature and `y`, plain-encoded, one
 * row group an `append`, with row-group statistics. Each column chunk is a single page, so that an
 * uncompressed one can be read from any row on.
 */
export function createParquetWriter(
  features: number,
  metadata: readonly (readonly [string, string])[],
  compression: Compression,
  createdBy: string,
  sink: ByteSink,
): ShardWriter {
  const names = parquetColumns(features);
  const schema: SchemaElement[] = [
    { name: "root", num_children: names.length },
    ...names.map((name): SchemaElement => ({ name, type: "FLOAT", repetition_type: "REQUIRED" })),
  ];
  const writer = new ParquetWriter({
    writer: sinkWriter(sink),
    schema,
    codec: CODECS[compression],
    compressors: { ZSTD: zstdCompress },
    kvMetadata: metadata.map(([key, value]) => ({ key, value })),
    createdBy,
  });
  let columns: Float32Array[] = [];
  return {
    append(x, y, rows) {
      if (columns[0]?.length !== rows) {
        columns = Array.from({ length: features }, () => new Float32Array(rows));
      }
      for (let feature = 0; feature < features; feature++) {
        const column = columns[feature];
        if (column === undefined) throw new Error("There is a column for every feature.");
        for (let row = 0, from = feature; row < rows; row++, from += features) {
          column[row] = x[from] ?? 0;
        }
      }
      const data = [...columns, y];
      void writer.write({
        columnData: names.map((name, index) => ({
          name,
          data: data[index] ?? y,
          encoding: "PLAIN" as const,
        })),
        rowGroupSize: rows,
        pageSize: rows * 4 + 1,
      });
    },
    finish() {
      void writer.finish();
    },
  };
}
