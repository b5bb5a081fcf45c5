import { z } from "zod/mini";
import { failure, messageOf, usageError, type NameOption } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { type RowSpec } from "../../generate/index.js";
import { DATASET_KINDS } from "../../generate/options.js";
import { COMPRESSIONS, type Compression } from "../format/compression.js";
import { checkGenerateSpec } from "../dataset/generate-spec.js";
import { locationIn } from "../format/location.js";
import { JOURNAL_FILE, readJournalOf } from "../output/journal.js";
import type { ShardEntry } from "../format/manifest.js";
import { checkMaximum, shardCount } from "./part-spec.js";
import { SHARD_FORMATS, shardFile, type ShardFormat } from "../format/shard-format.js";
import { formatRanges } from "../../common/ranges.js";
import { parseShards } from "../dataset/shard-selection.js";

/** Journals that are read at once. */
const AT_ONCE = 16;

/** What all parts of a dataset must have in common. */
export interface PartSpecification {
  row: RowSpec;
  rows: number;
  format: ShardFormat;
  compression: Compression;
  shardRows: number;
  maxima: [number, number] | undefined;
  generator: { name: string; version: string };
}

/** Parts of one dataset. */
export interface Parts {
  specification: PartSpecification;
  parts: {
    folder: string;
    /** The numbers of the shards that the part is to hold, finished or not. */
    chosen: number[];
    /** The finished shards, by file name. */
    finished: Map<string, ShardEntry>;
  }[];
}

/** A finished shard, and the folder of its part. */
export interface PartShard {
  folder: string;
  entry: ShardEntry;
}

/** The first line of a part's journal. */
const specSchema = z.strictObject({
  kind: z.enum(DATASET_KINDS),
  features: z.number(),
  noise: z.number(),
  seed: z.number(),
  rows: z.number(),
  format: z.enum(SHARD_FORMATS),
  compression: z.enum(COMPRESSIONS),
  shardRows: z.number(),
  maxima: z.optional(z.tuple([z.number(), z.number()])),
  generator: z.strictObject({ name: z.string(), version: z.string() }),
  shards: z.string(),
});

type Spec = z.infer<typeof specSchema>;

/** What parts of one dataset must have in common, in the order in which differences are reported. */
const COMMON = [
  "kind",
  "rows",
  "features",
  "noise",
  "seed",
  "format",
  "compression",
  "shardRows",
  "maxima",
  "generator",
] as const;

/**
 * Reads the journals of parts, and checks that they are parts of the same dataset.
 *
 * @throws a failure that names the folders and the option in which they differ
 */
export async function readParts(folders: readonly string[]): Promise<Parts> {
  const [firstFolder, ...otherFolders] = folders;
  if (firstFolder === undefined) throw usageError("There must be at least one part to join.");
  const first = await readPart(firstFolder);
  const wanted = COMMON.map((key) => JSON.stringify(first.spec[key]));
  const parts = [first.part];
  await forEachLimited(otherFolders.entries(), AT_ONCE, async ([at, folder]) => {
    const { spec, part } = await readPart(folder);
    for (const [index, key] of COMMON.entries()) {
      const [a, b] = [wanted[index], JSON.stringify(spec[key])];
      if (a === b) continue;
      throw failure(
        (option) =>
          `The parts are not of the same dataset: ${nameOf(key, option)} is ${a} in ${first.part.folder}, but ${b} in ${folder}.`,
      );
    }
    parts[at + 1] = part;
  });
  const { kind, features, noise, seed, maxima, shards: _chosen, ...rest } = first.spec;
  return { specification: { ...rest, row: { kind, features, noise, seed }, maxima }, parts };
}

async function readPart(folder: string): Promise<{ spec: Spec; part: Parts["parts"][number] }> {
  const file = locationIn(folder, JOURNAL_FILE);
  let content;
  try {
    content = await readJournalOf(folder);
  } catch (error) {
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  const noPart = `${folder} is not a part of a dataset, as 'vadi generate --shards' makes it`;
  if (content === undefined) throw failure(`${noPart}: it has no ${JOURNAL_FILE}.`);
  const parsed = specSchema.safeParse(content.spec);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw failure(`${noPart}: ${JOURNAL_FILE} has no valid '${issue?.path.join(".") || "spec"}'.`);
  }
  const spec = parsed.data;
  // The journal has them before the first shard, whether they were given or found.
  if (spec.kind === "two-layer-sigmoid" && content.maxima === undefined) {
    throw failure(
      (option) =>
        `${folder} is not finished, it has no maxima yet: continue the part with ${option("resume")}.`,
    );
  }
  try {
    const { kind, features, noise, seed, rows, format, compression, shardRows } = spec;
    const row = { kind, features, noise, seed };
    const checked = checkGenerateSpec({
      ...row,
      out: folder,
      rows,
      format,
      compression,
      shardRows,
    });
    if (checked.shardRows !== shardRows)
      throw usageError((option) => `${option("shardRows")} is ${shardRows}.`);
    const { maxima, shards: finished } = content;
    if (maxima !== undefined && kind === "lsm") throw usageError("LSM data has maxima.");
    for (const maximum of maxima ?? []) checkMaximum("maxima", maximum);
    const chosen = parseShards(spec.shards, shardCount(checked));
    return { spec: { ...spec, maxima }, part: { folder, chosen, finished } };
  } catch (error) {
    throw failure(`${noPart}: in its ${JOURNAL_FILE}, ${messageOf(error)}`, error);
  }
}

function nameOf(key: (typeof COMMON)[number], option: NameOption): string {
  if (key === "generator") return "version of vadi";
  return key === "kind" ? key : option(key);
}

/**
 * The finished shards of all parts, in the order of the dataset.
 *
 * @throws a failure where a shard is in no part, in two, or not finished
 */
export function collectShards({ specification, parts }: Parts): PartShard[] {
  const { format } = specification;
  const holders = new Map<number, Parts["parts"][number]>();
  for (const part of parts) {
    for (const shard of part.chosen) {
      const other = holders.get(shard);
      if (other !== undefined) {
        throw failure(
          `Shard ${shard} (${shardFile(shard, format)}) is in two parts, ${other.folder} and ${part.folder}: join only one of them.`,
        );
      }
      holders.set(shard, part);
    }
  }
  const all = [...Array(shardCount(specification)).keys()];
  const missing = all.filter((shard) => !holders.has(shard));
  if (missing.length > 0) {
    throw failure(
      (option) =>
        `No part has ${shardsText(missing, format)}: make them with ${option("shards")} ${formatRanges(missing)}.`,
    );
  }
  for (const { folder, chosen, finished } of parts) {
    const left = chosen.filter((shard) => !finished.has(shardFile(shard, format)));
    if (left.length > 0) {
      throw failure(
        (option) =>
          `${folder} is not finished, it lacks ${shardsText(left, format)}: continue the part with ${option("resume")}.`,
      );
    }
  }
  return all.flatMap((shard) => {
    const firstRow = shard * specification.shardRows;
    const rows = Math.min(specification.shardRows, specification.rows - firstRow);
    const part = holders.get(shard);
    const entry = part?.finished.get(shardFile(shard, format));
    if (part === undefined || entry === undefined) return [];
    if (entry.rows !== rows) {
      throw failure(
        `Shard ${locationIn(part.folder, entry.file)} has ${entry.rows} rows by its journal, but the dataset has ${rows} there.`,
      );
    }
    return [{ folder: part.folder, entry }];
  });
}

/** `shard 3 (shard-00003.arrow)`, or `the shards 3-5,9`. */
function shardsText(shards: readonly number[], format: ShardFormat): string {
  const [first = 0] = shards;
  return shards.length === 1
    ? `shard ${first} (${shardFile(first, format)})`
    : `the shards ${formatRanges(shards)}`;
}
