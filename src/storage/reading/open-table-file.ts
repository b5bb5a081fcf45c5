import type { TableFormat } from "../format/manifest.js";
import type { TableFile } from "../format/table-file.js";
import type { RandomAccessFile } from "../format/types.js";

/** Opens a file of a known format. Each format's code is loaded when the first file of it is opened. */
export async function openTableFile(
  file: RandomAccessFile,
  format: TableFormat,
): Promise<TableFile> {
  if (format === "parquet") return (await import("../parquet/reader.js")).openParquetFile(file);
  return (await import("../arrow/reader.js")).openArrowFile(file);
}
