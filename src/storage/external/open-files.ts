import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import path from "node:path";
import { failure } from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";
import { forEachLimited } from "../../common/worker-pool.js";
import type { Table } from "../dataset/open-table.js";
import type { ColumnNames } from "../format/columns.js";
import type { ForeignDescription } from "../format/manifest.js";
import { commonType, type NumberType } from "../format/number-type.js";
import type { ShardSource } from "../format/types.js";
import { chooseColumns, type ChosenOptions } from "./choose-columns.js";
import { inspectFile, type FileFacts, type FileScan } from "./inspect-file.js";
import { createTablePool, type TablePool } from "./table-pool.js";

/** Up to this many footers are read in the calling thread: starting threads would take longer. */
const FEW_FILES = 4;

/** How files are opened. */
export interface OpenFilesOptions extends ChosenOptions {
  invalid: "error" | "drop";
  /** What the files were named by, for errors. */
  sources: readonly string[];
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Opens files of other programs as one table. */
export async function openFiles(
  files: readonly string[],
  options: OpenFilesOptions,
): Promise<Table> {
  let started: TablePool | undefined;
  const pool = (): TablePool =>
    (started ??= createTablePool(Math.min(availableParallelism(), files.length)));
  try {
    const facts = await inspectFiles(files, pool, options.signal);
    const { columns, warnings } = chooseColumns(facts, options);
    const names = [...columns.features, columns.target];
    const { shards, inexact } = await scanFiles(facts, names, options, pool);
    const rows = rowsIn(shards);
    const total = rowsIn(facts);
    if (rows === 0) throw noRows(total, options.sources);
    warnings.push(...inexactWarnings(names, inexact));
    if (total > rows) {
      warnings.push(`${total - rows} of ${total} rows have invalid values and were dropped.`);
    }
    return describeTable(facts, shards, columns, warnings);
  } finally {
    await started?.close();
  }
}

function rowsIn(files: readonly { rows: number }[]): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}

function noRows(total: number, sources: readonly string[]): Error {
  const names = sources.join(", ");
  return failure((option) =>
    total === 0
      ? `${names} has no rows.`
      : `All ${total} rows of ${names} have invalid values; choose other ${option("features")}.`,
  );
}

/** Reads the metadata of all files, which must be of one format. */
async function inspectFiles(
  files: readonly string[],
  pool: () => TablePool,
  signal: AbortSignal | undefined,
): Promise<FileFacts[]> {
  const facts: FileFacts[] = Array.from({ length: files.length });
  const isQuick = files.length <= FEW_FILES;
  await forEachLimited(files.entries(), availableParallelism(), async ([index, file]) => {
    facts[index] = isQuick
      ? await inspectFile(file)
      : await pool().run({ type: "inspect", file }, signal);
  });
  const first = facts[0]!;
  const other = facts.find(({ format }) => format !== first.format);
  if (other !== undefined) {
    throw failure(
      `${other.file} is ${other.format}, but ${first.file} is ${first.format}; name the files of one format, as in 'folder/*.${first.format}'.`,
    );
  }
  return facts;
}

/**
 * Scans the files whose rows must be counted or whose integers float32 may round. Each file becomes a
 * shard, with the rows that are not dropped.
 */
async function scanFiles(
  facts: readonly FileFacts[],
  names: readonly string[],
  { invalid, signal, onProgress }: OpenFilesOptions,
  pool: () => TablePool,
): Promise<{ shards: ShardSource[]; inexact: FileScan["inexact"] }> {
  const shards: ShardSource[] = Array.from({ length: facts.length });
  const inexact = names.map(() => ({ count: 0, example: 0 }));
  const total = rowsIn(facts);
  let done = 0;
  await forEachLimited(facts.entries(), availableParallelism(), async ([index, file]) => {
    const shard = shardOf(file, names, invalid);
    shards[index] = shard;
    const scanned = invalid === "drop" ? names : inexactColumns(file, names);
    if (scanned.length > 0) {
      const source = { ...shard, foreign: { ...shard.foreign, columns: scanned } };
      const scan = await pool().run({ type: "scan", source }, signal);
      addInexact(inexact, names, scanned, scan);
      if (invalid === "drop") {
        shard.rows = scan.rows;
        shard.foreign.blockRows = scan.blockRows;
      }
    }
    done += file.rows;
    onProgress?.({ phase: "opening", done, total, unit: "rows" });
  });
  return { shards, inexact };
}

function shardOf(
  { file, format, rows }: FileFacts,
  columns: readonly string[],
  invalid: "error" | "drop",
): ShardSource & { foreign: NonNullable<ShardSource["foreign"]> } {
  const foreign = { columns, invalid };
  return { file, format, rows, features: columns.length - 1, foreign };
}

/** The columns whose integers float32 may round. */
function inexactColumns({ columns }: FileFacts, names: readonly string[]): string[] {
  return names.filter((wanted) => columns.find(({ name }) => name === wanted)?.exact === false);
}

function addInexact(
  into: { count: number; example: number }[],
  names: readonly string[],
  scanned: readonly string[],
  scan: FileScan,
): void {
  for (const [index, name] of scanned.entries()) {
    const found = scan.inexact[index]!;
    const sum = into[names.indexOf(name)]!;
    if (sum.count === 0) sum.example = found.example;
    sum.count += found.count;
  }
}

function inexactWarnings(names: readonly string[], inexact: FileScan["inexact"]): string[] {
  return inexact.flatMap(({ count, example }, index) =>
    count === 0
      ? []
      : [
          `Column ${names[index]} has ${count} whole numbers that float32 rounds, such as ${example}.`,
        ],
  );
}

function describeTable(
  facts: readonly FileFacts[],
  shards: readonly ShardSource[],
  columns: ColumnNames,
  warnings: string[],
): Table {
  const { format, file: firstFile } = facts[0]!;
  const root = rootOf(facts.map(({ file }) => file));
  const files = facts.map(({ file, bytes }, index) => ({
    file: path.relative(root, file).split(path.sep).join("/"),
    rows: shards[index]!.rows,
    bytes,
  }));
  const rows = rowsIn(shards);
  const features = columns.features.length;
  const dropped = rowsIn(facts) - rows;
  const manifest: ForeignDescription = {
    kind: "foreign",
    rows,
    dropped,
    features,
    format,
    columns,
    shards: files,
  };
  return {
    path: facts.length === 1 ? firstFile : root,
    rows,
    features,
    manifest,
    columns,
    types: [...columns.features, columns.target].map((name) => typeIn(facts, name)),
    warnings,
    fingerprint: fingerprintOf(files, facts),
    shards: shards.filter((shard) => shard.rows > 0),
  };
}

/** The type that holds a column's values in all files. */
function typeIn(facts: readonly FileFacts[], name: string): NumberType {
  return facts
    .flatMap(({ columns }) => columns.filter((column) => column.name === name))
    .map(({ numberType }) => numberType)
    .reduce(commonType);
}

/** The folder that all files are in or below. */
function rootOf(files: readonly string[]): string {
  let root = path.dirname(files[0]!);
  for (const file of files) {
    while (!file.startsWith(root.endsWith(path.sep) ? root : root + path.sep)) {
      root = path.dirname(root);
    }
  }
  return root;
}

/** SHA-256 of the ordered list of file names, sizes and footers. */
function fingerprintOf(
  entries: readonly { file: string; bytes: number }[],
  facts: readonly FileFacts[],
): string {
  const hash = createHash("sha256");
  for (const [index, { file, bytes }] of entries.entries()) {
    hash.update(`${JSON.stringify([file, bytes, facts[index]!.footer])}\n`);
  }
  return hash.digest("hex");
}
