import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { failure } from "../../common/errors.js";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import type { OnProgress } from "../../common/progress.js";
import { createWorkerPool, forEachLimited, type WorkerPool } from "../../common/worker-pool.js";
import { chooseColumns } from "./choose-columns.js";
import { findFiles } from "./find-files.js";
import { lookAtFile, type FileFacts, type FileScan } from "./inspect-file.js";
import { formatOfName } from "../reading/file-format.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { commonType, type NumberType } from "../format/number-type.js";
import { JOURNAL_FILE } from "../output/journal.js";
import type { ShardSource } from "../format/types.js";
import type { TableTask, TableTaskResult } from "./table-worker.js";
import { isBeingReplaced } from "../output/dataset-folder.js";
import { tableOptions } from "../options.js";
import { openTable, type DatasetTable, type Table } from "../dataset/open-table.js";

/** What to read of a table, and what to do with values that are no finite float32 numbers. */
export type SourceOptions = GivenOptions<typeof tableOptions> & {
  signal?: AbortSignal;
  onProgress?: OnProgress;
};

/** So few footers are read in the calling thread. */
const FEW_FILES = 4;

type TablePool = WorkerPool<TableTask, TableTaskResult>;

/** A pool of threads that look at, count and convert tables. */
export function createTablePool(threads: number): TablePool {
  return createWorkerPool(new URL("table-worker.js", import.meta.url), threads);
}

/**
 * Opens a dataset's folder, or a foreign table: Parquet, Arrow or CSV files, folders of them, glob
 * patterns.
 *
 * @throws a usage error for columns that are not there, a failure that names what cannot be read
 */
export async function openSource(
  source: string | readonly string[],
  options: SourceOptions = {},
): Promise<Table> {
  const sources = typeof source === "string" ? [source] : [...source];
  const [only] = sources;
  const { invalid } = fillOptions(tableOptions, options);
  if (only !== undefined && sources.length === 1 && isDataset(only)) {
    return selectFrom(await openTable(only), options);
  }
  const files = await findFiles(sources);
  // Threads take longer to start than a few footers to read.
  let started: TablePool | undefined;
  const pool = (): TablePool =>
    (started ??= createTablePool(Math.min(availableParallelism(), files.length)));
  try {
    return await openFiles(files, sources, { ...options, invalid }, pool);
  } finally {
    await started?.close();
  }
}

/** Whether a folder is a dataset, or one that is being made or replaced, which has a sentence of its own. */
function isDataset(source: string): boolean {
  return (
    source === "" ||
    isBeingReplaced(source) ||
    [MANIFEST_FILE, JOURNAL_FILE].some((file) => existsSync(path.join(source, file)))
  );
}

async function openFiles(
  files: readonly string[],
  sources: readonly string[],
  options: SourceOptions & { invalid: "error" | "drop" },
  pool: () => TablePool,
): Promise<Table> {
  const { invalid, signal, onProgress } = options;
  const facts: FileFacts[] = Array.from({ length: files.length });
  const isShort = files.length <= FEW_FILES && files.every((file) => formatOfName(file) !== "csv");
  await forEachLimited(files.entries(), availableParallelism(), async ([index, file]) => {
    const found = isShort
      ? await lookAtFile(file)
      : await pool().run({ type: "look", file }, signal);
    if (typeof found !== "object" || !("footer" in found)) throw new Error("A look finds facts.");
    facts[index] = found;
  });
  const [first] = facts;
  if (first === undefined) throw failure("A table needs at least one file.");
  const other = facts.find(({ format }) => format !== first.format);
  if (other !== undefined) {
    throw failure(
      `${other.file} is ${other.format}, but ${first.file} is ${first.format}; name the files of one format, as in 'folder/*.${first.format}'.`,
    );
  }
  const { columns, warnings } = chooseColumns(facts, options);
  const names = [...columns.features, columns.target];
  const features = columns.features.length;
  const shards = facts.map(({ file, format, rows, pieces }): ShardSource => ({
    file,
    format,
    rows,
    features,
    foreign: { columns: names, invalid, ...(pieces && { pieces }) },
  }));
  const total = facts.reduce((sum, { rows }) => sum + rows, 0);
  const inexact = names.map(() => ({ count: 0, example: 0 }));
  let done = 0;
  await forEachLimited(shards.entries(), availableParallelism(), async ([index, shard]) => {
    const rounded = names.filter(
      (name) => facts[index]?.columns.find((column) => column.name === name)?.exact === false,
    );
    if (invalid === "drop" || rounded.length > 0) {
      const scanned = invalid === "drop" ? names : rounded;
      const source: ShardSource = { ...shard, foreign: { ...shard.foreign!, columns: scanned } };
      const scan = await pool().run({ type: "scan", source }, signal);
      if (typeof scan !== "object" || !("blockRows" in scan)) throw new Error("A scan counts.");
      addInexact(inexact, names, scanned, scan);
      if (invalid === "drop") {
        shard.rows = scan.rows;
        shard.foreign!.blockRows = scan.blockRows;
      }
    }
    done += facts[index]!.rows;
    onProgress?.({ phase: "opening", done, total, unit: "rows" });
  });
  const kept = shards.filter(({ rows }) => rows > 0);
  const rows = kept.reduce((sum, shard) => sum + shard.rows, 0);
  if (rows === 0) {
    throw failure(
      total === 0
        ? `${sources.join(", ")} has no rows.`
        : `All ${total} rows of ${sources.join(", ")} have invalid values; choose other --features.`,
    );
  }
  for (const [index, { count, example }] of inexact.entries()) {
    if (count === 0) continue;
    warnings.push(
      `Column ${names[index]} has ${count} whole numbers that float32 rounds, such as ${example}.`,
    );
  }
  if (total > rows) {
    warnings.push(`${total - rows} of ${total} rows have invalid values and were dropped.`);
  }
  const root = rootOf(files);
  const entries = facts.map(({ file, bytes }, index) => ({
    file: path.relative(root, file).split(path.sep).join("/"),
    rows: shards[index]!.rows,
    bytes,
  }));
  return {
    path: files.length === 1 ? files[0]! : root,
    rows,
    features,
    manifest: {
      kind: "foreign",
      rows,
      dropped: total - rows,
      features,
      format: first.format,
      columns,
      shards: entries,
    },
    columns,
    types: names.map((name) => typeIn(facts, name)),
    warnings,
    fingerprint: fingerprintOf(entries, facts),
    shards: kept,
  };
}

/** The type that holds a column's values of all files. */
function typeIn(facts: readonly FileFacts[], name: string): NumberType {
  return facts
    .flatMap(({ columns }) => columns.filter((column) => column.name === name))
    .map(({ numberType }) => numberType)
    .reduce(commonType);
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

/** A dataset with other columns than its own features and target. */
function selectFrom(table: DatasetTable, options: SourceOptions): Table {
  const { columns, manifest } = table;
  const all = [...columns.features, columns.target];
  const column = {
    type: "float32",
    numeric: true,
    numberType: "float32" as const,
    exact: true,
  };
  const { columns: wanted } = chooseColumns(
    [
      {
        file: table.path,
        format: manifest.format,
        columns: all.map((name) => ({ name, ...column })),
      },
    ],
    { ...options, target: options.target ?? columns.target },
  );
  const names = [...wanted.features, wanted.target];
  if (names.length === all.length && names.every((name, index) => name === all[index]))
    return table;
  // In the files the columns are x0 … x(D−1) and y.
  const places = names.map((name) => {
    const place = all.indexOf(name);
    return place === columns.features.length ? "y" : `x${place}`;
  });
  const features = wanted.features.length;
  return {
    ...table,
    features,
    columns: wanted,
    manifest: {
      kind: "foreign",
      rows: table.rows,
      dropped: 0,
      features,
      format: manifest.format,
      columns: wanted,
      shards: manifest.shards,
    },
    shards: table.shards.map((shard) => ({
      ...shard,
      features,
      foreign: { columns: places, invalid: "error" },
    })),
  };
}
