/** parquetjs-lite brings no types; this is the part that is used here. */
declare module "parquetjs-lite" {
  import type { Writable } from "node:stream";

  interface RowWriter {
    appendRow(row: Readonly<Record<string, number>>): Promise<void>;
    close(): Promise<void>;
  }

  const parquet: {
    ParquetSchema: new (fields: Record<string, { type: "INT32" | "INT64" | "DOUBLE" }>) => object;
    ParquetWriter: {
      openStream(
        schema: object,
        stream: Writable,
        options?: { rowGroupSize?: number },
      ): Promise<RowWriter>;
    };
    ParquetReader: {
      openFile(file: string): Promise<{
        getCursor(): { next(): Promise<Readonly<Record<string, number>> | null> };
        close(): Promise<void>;
      }>;
    };
  };
  export default parquet;
}
