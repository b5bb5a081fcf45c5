import type { TableFormat } from "../format/manifest.js";
import type { TableFile } from "../format/table-file.js";
import type { CsvPieces, RandomAccessFile } from "../format/types.js";

/** Opens a file of a known format. Each format's code is loaded when the first file of it is opened. */
export async function openTableFile(
  file: RandomAccessFile,
  format: TableFormat,
  pieces: CsvPieces | undefined,
): Promise<TableFile> {
  if (format === "parquet") return (await import("../parquet/reader.js")).openParquetFile(file);
  if (format === "arrow") return (await import("../arrow/reader.js")).openArrowFile(file);
  if (pieces === undefined) throw new Error("A CSV file is scanned before it is opened.");
  return (await import("../csv/reader.js")).openCsvFile(file.path, pieces);
}
