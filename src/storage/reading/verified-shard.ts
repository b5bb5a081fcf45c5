import { failure, messageOf } from "../../common/errors.js";
import { hashFile } from "../../files/hash.js";
import type { ShardChecksum } from "../format/types.js";

const STATE = { unknown: 0, underWay: 1, intact: 2, damaged: 3 } as const;

/**
 * Checks that a file has the bytes of its checksum, unless a thread has done so already.
 *
 * @throws a failure that names the file if it has other bytes
 */
export function checkShardOnce(file: string, { sha256, states, index }: ShardChecksum): void {
  const all = new Int32Array(states);
  for (;;) {
    const state = Atomics.compareExchange(all, index, STATE.unknown, STATE.underWay);
    if (state === STATE.intact) return;
    if (state === STATE.damaged) break;
    if (state === STATE.underWay) {
      Atomics.wait(all, index, STATE.underWay);
      continue;
    }
    let found: number = STATE.unknown;
    try {
      found = hashFile(file) === sha256 ? STATE.intact : STATE.damaged;
    } catch (error) {
      throw failure(`Could not read shard ${file}: ${messageOf(error)}.`, error);
    } finally {
      // Also if the file could not be read, so that the next thread tries again.
      Atomics.store(all, index, found);
      Atomics.notify(all, index);
    }
  }
  throw failure(
    `Shard ${file} is damaged: its SHA-256 differs from the manifest's; 'vadi verify --repair' restores it.`,
  );
}
