/** Types of the part of parquetjs-lite that is used here; the package has none. */
declare module "parquetjs-lite" {
  import type { Writable } from "node:stream";

  /** A column of the next row group, as in lib/shred.js. */
  interface ShreddedColumn {
    dlevels: readonly number[];
    rlevels: readonly number[];
    values: readonly number[];
    distinct_values: ReadonlySet<number>;
    count: number;
  }

  interface RowWriter {
    rowBuffer: {
      rowCount?: number;
      pageRowCount?: number;
      columnData?: Readonly<Record<string, ShreddedColumn>>;
      /** The encoded pages of each column. */
      pages?: Record<string, unknown[]>;
    };
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
