import path from "node:path";
import { systemCode } from "../../common/errors.js";
import { lstat } from "../../files/lstat.js";
import type { ShardEntry } from "../format/manifest.js";

/** What verification found about one file of a dataset. */
export interface ShardStatus {
  file: string;
  status: "ok" | "damaged" | "missing" | "extra";
  /** Why, where it is not ok. */
  reason?: string;
  /** It was damaged or missing and has been repaired. */
  repaired?: true;
}

/** The most shards that are checked together, and the bytes beyond which they are not. */
const GROUP = { shards: 64, bytes: 16 * 2 ** 20 };

/**
 * Divides items into groups of small shards; a large one is a group of its own.
 *
 * @yields a group, in the order of the items
 */
export function* inGroups<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
): Generator<Item[], void, void> {
  let group: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const isFull = group.length === GROUP.shards || bytes + bytesOf(item) > GROUP.bytes;
    if (isFull && group.length > 0) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(item);
    bytes += bytesOf(item);
  }
  if (group.length > 0) yield group;
}

/**
 * Compares the files of some shards with their entries in the manifest: sizes first, then SHA-256.
 *
 * @param hash the SHA-256 of files; undefined: sizes alone are compared
 */
export async function checkShards(
  folder: string,
  entries: readonly ShardEntry[],
  hash: ((files: string[]) => Promise<string[]>) | undefined,
): Promise<ShardStatus[]> {
  const found = await Promise.all(entries.map((entry) => checkSize(folder, entry)));
  const files = entries.filter((_, at) => found[at]?.status === "ok").map(({ file }) => file);
  if (files.length === 0 || hash === undefined) return found;
  const hashes = await hash(files.map((file) => path.join(folder, file)));
  const sums = new Map(files.map((file, at) => [file, hashes[at]]));
  return found.map((status, at) =>
    status.status !== "ok" || sums.get(status.file) === entries[at]?.sha256
      ? status
      : { ...status, status: "damaged", reason: "its SHA-256 differs from the manifest's" },
  );
}

/** Compares a shard's size with its entry in the manifest. */
async function checkSize(folder: string, { file, bytes }: ShardEntry): Promise<ShardStatus> {
  const damaged = (reason: string): ShardStatus => ({ file, status: "damaged", reason });
  const found = await lstat(path.join(folder, file)).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return { file, status: "missing", reason: "there is no such file" };
  if (!found.isFile()) return damaged("it is not a plain file");
  if (found.size !== bytes) return damaged(`it has ${found.size} bytes instead of ${bytes}`);
  return { file, status: "ok" };
}

/** A finding, with the reason why it was not repaired. */
export function notRepaired(found: ShardStatus, why: string): ShardStatus {
  return { ...found, reason: `${found.reason ?? found.status}; not repaired: ${why}` };
}
