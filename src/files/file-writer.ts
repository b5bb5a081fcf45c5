import { createHash } from "node:crypto";
import { createDirectFile, type OpenDirect } from "./system/direct-file.js";

/*
 * Bytes are gathered in blocks of a WebAssembly memory, which begins on a page of the system, as direct writes
 * need it. The end of a file, less than a block, is written the ordinary way.
 */

const BLOCK_BYTES = 1024 * 1024;
/** Half of the blocks can be on their way to the disk while the others are filled. */
const BLOCKS = 8;
const PAGE_BYTES = 65_536;

/** Hashes bytes and writes them to a file, front to back, while the caller makes more. */
export interface FileWriter {
  /** Takes bytes, which are copied. Waits for the disk where no block is free. */
  put(bytes: Uint8Array): void;
  /**
   * Waits until half of the blocks are free. To be awaited now and then between calls of `put`, which
   * otherwise has to wait for each block.
   *
   * @throws the error of a write
   */
  drained(): Promise<void>;
  /**
   * Ends the file. Its content is not flushed to disk.
   *
   * @returns its length, and its SHA-256 in lower-case hex
   */
  finish(): Promise<{ bytes: number; sha256: string }>;
  /** Closes an unfinished file, once no write to it is pending. */
  abandon(): Promise<void>;
}

/** Creates a file to write, or replaces an earlier one. */
export function createFileWriter(file: string, openDirect?: OpenDirect): FileWriter {
  const target = createDirectFile(file, openDirect);
  const hash = createHash("sha256");
  const blocks = takeBlocks();
  const free = [...blocks];
  const pending = new Set<Promise<void>>();
  let block = free.pop()!;
  let filled = 0;
  /** Where the block goes in the file. */
  let position = 0;
  let fault: { error: unknown } | undefined;
  let isClosed = false;

  const flushInBackground = async (full: Uint8Array, at: number): Promise<void> => {
    try {
      await target.writeLater(full, at);
    } catch (error) {
      fault ??= { error };
    }
    free.push(full);
  };
  const flushBlock = (): void => {
    hash.update(block);
    const next = free.pop();
    if (next === undefined) target.writeNow(block, position);
    else {
      const write = flushInBackground(block, position);
      pending.add(write);
      void write.then(() => pending.delete(write));
      block = next;
    }
    position += BLOCK_BYTES;
    filled = 0;
  };
  const throwFault = (): void => {
    if (fault !== undefined) throw fault.error;
  };
  /** Waits until at most that number of writes are pending. */
  const settle = async (most: number): Promise<void> => {
    while (pending.size > most) await Promise.race(pending);
  };
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    spareBlocks.push(blocks);
    target.close();
  };

  return {
    put(bytes) {
      throwFault();
      for (let done = 0; done < bytes.length;) {
        const count = Math.min(bytes.length - done, BLOCK_BYTES - filled);
        block.set(bytes.subarray(done, done + count), filled);
        done += count;
        filled += count;
        if (filled === BLOCK_BYTES) flushBlock();
      }
    },
    async drained() {
      // Node reports ended writes between two turns of the event loop.
      if (pending.size > 0) await new Promise((resolve) => setImmediate(resolve));
      await settle(BLOCKS / 2);
      throwFault();
    },
    async finish() {
      await settle(0);
      throwFault();
      const rest = block.subarray(0, filled);
      hash.update(rest);
      target.writePlain(rest, position);
      close();
      return { bytes: position + filled, sha256: hash.digest("hex") };
    },
    async abandon() {
      await settle(0);
      close();
    },
  };
}

/** Blocks of finished files, for the next ones. */
const spareBlocks: Uint8Array[][] = [];

function takeBlocks(): Uint8Array[] {
  const spare = spareBlocks.pop();
  if (spare !== undefined) return spare;
  const { buffer } = new WebAssembly.Memory({ initial: (BLOCKS * BLOCK_BYTES) / PAGE_BYTES });
  return Array.from(
    { length: BLOCKS },
    (_, index) => new Uint8Array(buffer, index * BLOCK_BYTES, BLOCK_BYTES),
  );
}
