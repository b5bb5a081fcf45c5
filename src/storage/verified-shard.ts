import path from "node:path";
import { failure, messageOf } from "../common/errors.js";
import { hashFile } from "./hash.js";
import type { Table } from "./table.js";

/**
 * A shard's checksum, and what is known of it so far by all threads together: each shard is hashed
 * once, by the thread that comes to it first, while others wait.
 */
export interface ShardChecksum {
  /** Lower-case hex SHA-256 of the file. */
  sha256: string;
  /** One Int32 a shard of the table, shared by all threads. */
  states: SharedArrayBuffer;
  /** This shard's place in it. */
  index: number;
}

const STATE = { unknown: 0, underWay: 1, whole: 2, damaged: 3 } as const;

/**
 * A table whose shards are checked, each once, before their first rows are used. It may be a part of a
 * dataset, with fewer shards than the manifest names.
 *
 * @returns undefined where nothing says what the files hash to
 */
export function withChecksums(table: Table): Table | undefined {
  const { path: folder, manifest } = table;
  const sums = new Map(
    manifest.shards.map(({ file, sha256 }) => [path.join(folder, file), sha256]),
  );
  const states = new SharedArrayBuffer(4 * table.shards.length);
  const shards = table.shards.flatMap((shard, index) => {
    const sha256 = sums.get(shard.file);
    return sha256 === undefined ? [] : [{ ...shard, checksum: { sha256, states, index } }];
  });
  return shards.length === table.shards.length ? { ...table, shards } : undefined;
}

/**
 * Returns once the file's bytes are known to be those of the checksum.
 *
 * @throws a failure that names the file where they differ
 */
export function checkShard(file: string, { sha256, states, index }: ShardChecksum): void {
  const all = new Int32Array(states);
  for (;;) {
    const state = Atomics.compareExchange(all, index, STATE.unknown, STATE.underWay);
    if (state === STATE.whole) return;
    if (state === STATE.damaged) break;
    if (state === STATE.underWay) {
      Atomics.wait(all, index, STATE.underWay);
      continue;
    }
    let found: number = STATE.unknown;
    try {
      found = hashFile(file) === sha256 ? STATE.whole : STATE.damaged;
    } catch (error) {
      throw failure(`Could not read shard ${file}: ${messageOf(error)}.`, error);
    } finally {
      // Also where the file could not be read: the next thread says so as well.
      Atomics.store(all, index, found);
      Atomics.notify(all, index);
    }
  }
  throw failure(
    `Shard ${file} is damaged: its SHA-256 differs from the manifest's; 'vadi verify --repair' makes it again.`,
  );
}
