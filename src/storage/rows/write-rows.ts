import { z } from "zod/mini";
import { failure, throwIfAborted } from "../../common/errors.js";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import type { OnProgress } from "../../common/progress.js";
import { hashBytes } from "../../files/hash.js";
import type { ConvertedDataset } from "../dataset/converted-dataset.js";
import { GENERATOR, writeTableManifest } from "../dataset/write-manifest.js";
import { roundingWarnings } from "../format/column-rounding.js";
import type { ColumnNames } from "../format/columns.js";
import { checkCompression } from "../format/compression.js";
import { maximumShardRows } from "../format/shard-format.js";
import { rowsOptions } from "../options.js";
import {
  checkDatasetOutput,
  checkOutput,
  inDatasetFolder,
  makeOrReplace,
} from "../output/dataset-folder.js";
import { readJournal, removeJournal } from "../output/journal.js";
import { writeStream } from "../streamed/write-stream.js";
import { createBlock, type Block } from "./block.js";
import { columnsOfFirst, givenColumns } from "./columns.js";
import { openItems, type Items } from "./items.js";
import { readRows } from "./read-rows.js";
import type { Rows } from "./types.js";

const DEFAULT_ROWS = 1_000_000;

const TO_KEEP_DIGITS = "before the rows are handed over";

/** How a program's rows are written. */
export type RowsOptions = GivenOptions<typeof rowsOptions> & {
  signal?: AbortSignal;
  onProgress?: OnProgress;
};

/**
 * Writes a program's rows as a dataset while they come. The source is asked for rows only as fast as they are
 * written. The same rows and options give the same bytes, interrupted or not.
 *
 * @param rows the rows, or a function that gives those behind the first `from`, which an interrupted job has
 *   finished; rows without a function have to come again from the first on, and the finished ones are passed over
 * @throws a usage error for wrong options or columns; a failure that names column and row of an invalid value,
 *   where the source fails, or the disk is full; an interruption when aborted (what is finished can be resumed)
 */
export async function writeRows(
  rows: Rows | ((from: number) => Rows | Promise<Rows>),
  options: RowsOptions,
): Promise<ConvertedDataset> {
  const output = checkOutput(options);
  const filled = fillOptions(rowsOptions, options);
  checkCompression(filled.format, filled.compression);
  const { signal } = options;
  throwIfAborted(signal);
  await checkDatasetOutput(output, signal);
  return makeOrReplace(
    output,
    (folder, resume) =>
      inDatasetFolder(folder, { resume, force: output.force }, async () => {
        const named =
          givenColumns(filled.target, filled.features) ?? recordedColumns(folder, resume);
        const source = createSource(rows, signal);
        try {
          const { columns, left } =
            named === undefined
              ? columnsOfFirst(await source.first(), filled.target)
              : { columns: named, left: [] };
          const job: Job = { columns, left, filled, options, out: output.out };
          return await write(job, source, folder, resume);
        } finally {
          await source.close();
        }
      }),
    signal,
  );
}

interface Job {
  columns: ColumnNames;
  /** Columns of the first record batch that are not numeric. */
  left: string[];
  filled: ReturnType<typeof fillOptions<typeof rowsOptions>>;
  options: RowsOptions;
  out: string;
}

async function write(
  { columns, left, filled, options, out }: Job,
  source: Source,
  folder: string,
  resume: boolean,
): Promise<ConvertedDataset> {
  const { format, compression, invalid } = filled;
  const { signal, onProgress } = options;
  const names = [...columns.features, columns.target];
  const largest = maximumShardRows(columns.features.length);
  const shardRows = Math.min(filled.shardRows ?? DEFAULT_ROWS, largest);
  const written = await writeStream(
    {
      rows: source.isResumable
        ? (from) => source.read(names, invalid, from)
        : source.read(names, invalid, 0),
      columns,
      format,
      compression,
      shardRows,
      identity: {
        rows: { columns },
        invalid,
        format,
        compression,
        shardRows,
        generator: GENERATOR,
      },
      signal,
      onRows: (done, bytes) =>
        onProgress?.({
          phase: "writing",
          done,
          total: done,
          unit: "rows",
          ...(bytes > 0 && { bytes }),
        }),
    },
    folder,
    resume,
  );
  const { rows, dropped, shards, rounding } = written;
  if (rows === 0) {
    throw failure(
      dropped === 0 ? "There are no rows." : `All ${dropped} rows have invalid values.`,
    );
  }
  throwIfAborted(signal);
  // The source has no name: what its rows are stands for it.
  const fingerprint = hashBytes(shards.map(({ sha256 }) => `${sha256}\n`).join(""));
  const manifest = await writeTableManifest(folder, {
    rows,
    columns,
    format,
    compression,
    source: { fingerprint, rows: rows + dropped, dropped },
    shards,
  });
  await removeJournal(folder);
  return {
    path: out,
    manifest,
    bytes: shards.reduce((sum, { bytes }) => sum + bytes, 0),
    dropped,
    warnings: [
      ...(left.length === 0 ? [] : [`Left out because they are not numeric: ${left.join(", ")}.`]),
      ...(rounding === undefined ? [] : roundingWarnings(names, rounding, TO_KEEP_DIGITS)),
      ...(dropped === 0
        ? []
        : [`${dropped} of ${rows + dropped} rows have invalid values and were dropped.`]),
    ],
  };
}

/** A program's rows, which are opened once. */
interface Source {
  /** Whether they can be opened behind their first rows. */
  isResumable: boolean;
  /** The first item. */
  first(): Promise<object>;
  read(
    names: readonly string[],
    invalid: "error" | "drop",
    from: number,
  ): ReturnType<typeof readRows>;
  close(): Promise<void>;
}

function createSource(
  rows: Rows | ((from: number) => Rows | Promise<Rows>),
  signal: AbortSignal | undefined,
): Source {
  let opened: Items | undefined;
  let block: Block | undefined;
  const open = async (from: number): Promise<Items> => {
    if (opened !== undefined) return opened;
    const given = typeof rows === "function" ? await rows(from) : rows;
    opened = openItems(given, () => block?.sourceRows ?? 0, signal);
    return opened;
  };
  return {
    isResumable: typeof rows === "function",
    async first() {
      const item = await (await open(0)).peek();
      if (item === undefined) throw failure("There are no rows.");
      return item;
    },
    async *read(names, invalid, from) {
      block = createBlock(names, invalid, from);
      yield* readRows(await open(from), block);
    },
    async close() {
      await opened?.close();
    },
  };
}

const recordedSchema = z.object({
  rows: z.object({ columns: z.object({ features: z.array(z.string()), target: z.string() }) }),
});

/** The columns of the job that is resumed; its first row may not come again. */
function recordedColumns(folder: string, resume: boolean): ColumnNames | undefined {
  const recorded = recordedSchema.safeParse(resume ? readJournal(folder)?.spec : undefined);
  return recorded.success ? recorded.data.rows.columns : undefined;
}
