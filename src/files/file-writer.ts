import { createHash } from "node:crypto";
import { closeSync, constants, openSync, write, writeSync } from "node:fs";
import { messageOf, systemCode } from "../common/errors.js";

/*
 * Files are written past the system's cache where it lets us (O_DIRECT, on Linux): filling the cache
 * costs several times the processor time of the write itself, and throws out of it what others read.
 * Such writes want their place in the file, their length and their memory on block boundaries, so
 * bytes are gathered in blocks of a WebAssembly memory, which begins on a page of the system. What is
 * left at a file's end, less than a block, goes the ordinary way, as does everything where direct
 * writes are refused.
 */

const BLOCK_BYTES = 1024 * 1024;
/** Half of them can be on their way to the disk while the others are filled. */
const BLOCKS = 8;
const PAGE = 65_536;

/** Hashes bytes and writes them to a file, front to back, while the caller makes more. */
export interface FileWriter {
  /** Takes bytes, which are copied. Where the disk is slower than the caller, it waits. */
  put(bytes: Uint8Array): void;
  /**
   * Lets writes end. To be called between pieces: else `put` has to wait for each block by itself.
   *
   * @throws what went wrong with a write
   */
  drained(): Promise<void>;
  /**
   * Ends the file, which is not yet on disk then.
   *
   * @returns its length, and its SHA-256 in lower-case hex
   */
  finish(): Promise<{ bytes: number; sha256: string }>;
  /** Gives up a file that is not finished, once nothing more is written to it. */
  abandon(): Promise<void>;
}

/** Blocks are kept from one file to the next; a thread that writes several at once makes more. */
const spare: Uint8Array[][] = [];

function takeBlocks(): Uint8Array[] {
  const kept = spare.pop();
  if (kept !== undefined) return kept;
  const { buffer } = new WebAssembly.Memory({ initial: (BLOCKS * BLOCK_BYTES) / PAGE });
  return Array.from(
    { length: BLOCKS },
    (_, block) => new Uint8Array(buffer, block * BLOCK_BYTES, BLOCK_BYTES),
  );
}

/** What systems answer where a file system has no direct writes. */
const REFUSALS = new Set<string | undefined>(["EINVAL", "ENOTSUP", "EOPNOTSUPP"]);

/** Opens a file that is there for writes past the cache; undefined where there are none. */
function openDirect(file: string): number | undefined {
  // Linux alone has the flag.
  const { O_DIRECT, O_WRONLY } = constants as { O_DIRECT?: number; O_WRONLY: number };
  if (O_DIRECT === undefined) return undefined;
  try {
    return openSync(file, O_WRONLY | O_DIRECT);
  } catch (error) {
    if (REFUSALS.has(systemCode(error))) return undefined;
    throw error;
  }
}

/**
 * An earlier file of the name is replaced.
 *
 * @param openForDirect a descriptor of the file for writes past the cache, or undefined where there are none
 */
export function createFileWriter(
  file: string,
  openForDirect: (file: string) => number | undefined = openDirect,
): FileWriter {
  const plain = openSync(file, "w");
  const hash = createHash("sha256");
  const blocks = takeBlocks();
  const free = [...blocks];
  let direct: number | undefined;
  let isDirectRefused = false;
  let isClosed = false;
  let block = free.pop();
  let filled = 0;
  let position = 0;
  let underWay = 0;
  let fault: Error | undefined;
  let wake: (() => void) | undefined;

  const descriptorFor = (): number => {
    if (isDirectRefused) return plain;
    direct ??= openForDirect(file);
    isDirectRefused = direct === undefined;
    return direct ?? plain;
  };
  /** Whether it was being direct that a write failed for; no more such writes are tried then. */
  const isRefusal = (error: unknown, descriptor: number): boolean => {
    if (descriptor === plain || !REFUSALS.has(systemCode(error))) return false;
    isDirectRefused = true;
    return true;
  };
  const writeNow = (bytes: Uint8Array, at: number, descriptor: number): void => {
    for (let done = 0; done < bytes.length;) {
      const left = bytes.length - done;
      try {
        done += writeSync(descriptor, bytes, done, left, at + done);
      } catch (error) {
        if (!isRefusal(error, descriptor)) throw error;
        return writeNow(bytes.subarray(done), at + done, plain);
      }
    }
  };
  const writeLater = (bytes: Uint8Array, at: number, descriptor: number): void => {
    underWay++;
    write(descriptor, bytes, 0, bytes.length, at, (error, written) => {
      underWay--;
      try {
        if (error !== null && !isRefusal(error, descriptor)) throw error;
        const done = error === null ? written : 0;
        // Rare: a full disk, a signal, or a file system that opens for direct writes and has none.
        if (done < bytes.length) writeNow(bytes.subarray(done), at + done, plain);
      } catch (caught) {
        fault ??= caught instanceof Error ? caught : new Error(messageOf(caught));
      }
      free.push(bytes);
      wake?.();
    });
  };
  const flushBlock = (full: Uint8Array): void => {
    hash.update(full);
    const next = free.pop();
    if (next === undefined) writeNow(full, position, descriptorFor());
    else {
      writeLater(full, position, descriptorFor());
      block = next;
    }
    position += full.length;
    filled = 0;
  };
  const throwFault = (): void => {
    if (fault !== undefined) throw fault;
  };
  /** Waits until so many writes or fewer are under way. */
  const settle = async (most: number): Promise<void> => {
    for (;;) {
      if (underWay <= most) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    spare.push(blocks);
    if (direct !== undefined) closeSync(direct);
    closeSync(plain);
  };

  return {
    put(bytes) {
      throwFault();
      for (let done = 0; done < bytes.length;) {
        if (block === undefined) throw new Error("There is always a block to fill.");
        const count = Math.min(bytes.length - done, BLOCK_BYTES - filled);
        block.set(bytes.subarray(done, done + count), filled);
        done += count;
        filled += count;
        if (filled === BLOCK_BYTES) flushBlock(block);
      }
    },
    async drained() {
      // Ended writes are told of between two turns of the event loop.
      if (underWay > 0) await new Promise((resolve) => setImmediate(resolve));
      await settle(BLOCKS / 2);
      throwFault();
    },
    async finish() {
      await settle(0);
      throwFault();
      const rest = block?.subarray(0, filled) ?? new Uint8Array();
      hash.update(rest);
      writeNow(rest, position, plain);
      const bytes = position + filled;
      close();
      return { bytes, sha256: hash.digest("hex") };
    },
    async abandon() {
      await settle(0);
      close();
    },
  };
}
