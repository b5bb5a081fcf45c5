import { failure } from "../../common/errors.js";
import type { TableFormat } from "../format/manifest.js";
import type { RandomAccessFile } from "../format/types.js";

/** What a file of a source may be: a format that vadi reads itself, or one that `convert` reads by DuckDB. */
export type SourceFormat = TableFormat | "csv" | "json" | "duckdb" | "sqlite";

/** Endings of the files that a folder is searched for. */
const ENDINGS: Record<SourceFormat, RegExp> = {
  parquet: /\.(parquet|parq|pq)$/i,
  arrow: /\.(arrow|arrows|feather|ipc)$/i,
  csv: /\.(csv|tsv)(\.(gz|zst))?$/i,
  json: /\.(json|ndjson|jsonl)(\.(gz|zst))?$/i,
  duckdb: /\.(duckdb|ddb)$/i,
  sqlite: /\.(sqlite|sqlite3|db)$/i,
};

/** A text file that is named by itself is CSV. */
const TEXT = /\.(txt|dat|tab|psv)(\.(gz|zst))?$/i;

/** The formats' names in sentences. */
export const FORMAT_NAMES: Record<SourceFormat, string> = {
  parquet: "Parquet",
  arrow: "Arrow",
  csv: "CSV",
  json: "JSON",
  duckdb: "a DuckDB database",
  sqlite: "an SQLite database",
};

/** The format that a file's name indicates. */
export function formatOfName(name: string): SourceFormat | undefined {
  return (Object.keys(ENDINGS) as SourceFormat[]).find((format) => ENDINGS[format].test(name));
}

/** First bytes of compressed files, the compression's name, and a command that decompresses them. */
const COMPRESSED: readonly (readonly [magic: string, name: string, command: string])[] = [
  ["\u001f\u008b", "gzip", "gunzip -k"],
  ["\u0028\u00b5\u002f\u00fd", "zstd", "unzstd"],
  ["BZh", "bzip2", "bunzip2 -k"],
  ["PK\u0003\u0004", "zip", "unzip"],
];

/** A file's format by its first bytes, or else by its name. */
export function formatOf(file: RandomAccessFile): SourceFormat {
  const start = Buffer.from(file.read(0, Math.min(16, file.size))).toString("latin1");
  if (start.startsWith("PAR1") || start.startsWith("PARE")) return "parquet";
  if (start.startsWith("ARROW1")) return "arrow";
  if (start.startsWith("SQLite format 3")) return "sqlite";
  if (start.slice(8, 12) === "DUCK") return "duckdb";
  if (start.startsWith("FEA1")) {
    throw failure(`${file.path} is Feather version 1; write it as version 2, which is Arrow.`);
  }
  const named = formatOfName(file.path) ?? (TEXT.test(file.path) ? "csv" : undefined);
  const compression = COMPRESSED.find(([magic]) => start.startsWith(magic));
  if (compression !== undefined && !isReadCompressed(file.path, compression[1])) {
    const [, name, command] = compression;
    throw failure(
      `${file.path} is compressed by ${name}; decompress it first, for instance with ${command}. What is read compressed is CSV and JSON in files that end in .gz or .zst.`,
    );
  }
  if (named === undefined) {
    throw failure(`${file.path} is not a Parquet, Arrow, CSV or JSON file or a database.`);
  }
  if (named === "duckdb" || named === "sqlite") {
    throw failure(`${file.path} is not ${FORMAT_NAMES[named]}, although its name says so.`);
  }
  return named;
}

/** Whether a file's name says, as DuckDB wants it, by what it is compressed. */
function isReadCompressed(path: string, compression: string): boolean {
  if (compression === "gzip") return /\.gz$/i.test(path);
  return compression === "zstd" && /\.zst$/i.test(path);
}
