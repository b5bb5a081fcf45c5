/** parquetjs-lite brings no types; this is the part that is used here. */
declare module "parquetjs-lite" {
  import type { Writable } from "node:stream";

  class ParquetSchema {
    constructor(fields: Record<string, { type: "INT32" | "INT64" | "DOUBLE" }>);
  }

  class ParquetWriter {
    static openStream(
      schema: ParquetSchema,
      stream: Writable,
      options?: { rowGroupSize?: number },
    ): Promise<ParquetWriter>;
    appendRow(row: Readonly<Record<string, number>>): Promise<void>;
    close(): Promise<void>;
  }

  const parquet: { ParquetSchema: typeof ParquetSchema; ParquetWriter: typeof ParquetWriter };
  export default parquet;
}
