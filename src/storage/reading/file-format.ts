import { failure } from "../../common/errors.js";
import type { TableFormat } from "../format/manifest.js";
import type { RandomAccessFile } from "../format/types.js";

/** Endings of the files that a folder is searched for. */
const ENDINGS: Record<TableFormat, RegExp> = {
  parquet: /\.(parquet|parq|pq)$/i,
  arrow: /\.(arrow|feather|ipc)$/i,
  csv: /\.(csv|tsv)$/i,
};

/** The format that a file's name indicates. */
export function formatOfName(name: string): TableFormat | undefined {
  return (["parquet", "arrow", "csv"] as const).find((format) => ENDINGS[format].test(name));
}

/** First bytes of compressed files, the compression's name, and a command that decompresses them. */
const COMPRESSED: readonly (readonly [magic: string, name: string, command: string])[] = [
  ["\u001f\u008b", "gzip", "gunzip -k"],
  ["\u0028\u00b5\u002f\u00fd", "zstd", "unzstd"],
  ["BZh", "bzip2", "bunzip2 -k"],
  ["PK\u0003\u0004", "zip", "unzip"],
];

/** A file's format by its first bytes, or else by its name. */
export function formatOf(file: RandomAccessFile): TableFormat {
  const start = file.size < 8 ? "" : Buffer.from(file.read(0, 8)).toString("latin1");
  if (start.startsWith("PAR1") || start.startsWith("PARE")) return "parquet";
  if (start.startsWith("ARROW1")) return "arrow";
  if (start.startsWith("FEA1")) {
    throw failure(`${file.path} is Feather version 1; write it as version 2, which is Arrow.`);
  }
  const compression = COMPRESSED.find(([magic]) => start.startsWith(magic));
  if (compression !== undefined) {
    const [, name, command] = compression;
    throw failure(
      `${file.path} is compressed by ${name}, which vadi does not decompress; do it first, for instance with ${command}.`,
    );
  }
  const format = formatOfName(file.path);
  if (format === "arrow" && start.startsWith("\u00ff\u00ff\u00ff\u00ff")) {
    throw failure(`${file.path} is an Arrow stream; write it as an Arrow file (IPC file format).`);
  }
  if (format === undefined) {
    throw failure(`${file.path} is not a Parquet, Arrow or CSV file.`);
  }
  return format;
}
