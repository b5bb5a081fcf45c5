import type { Floats } from "../format/types.js";

/*
 * Rows that must be decoded are decoded a block at a time, and a thread keeps the blocks that it has
 * used last: a window reads one run of rows after the other from the same row group.
 */

/** Bytes of decoded blocks that a thread keeps. */
const KEPT_BYTES = 48 * 1024 * 1024;

/** Blocks of all files, an array a column; the most recently used last. */
const kept = new Map<string, readonly Floats[]>();
let keptBytes = 0;

function bytesOf(columns: readonly Floats[]): number {
  return columns.reduce((sum, column) => sum + column.byteLength, 0);
}

/**
 * Returns a block from the cache, or decodes it.
 *
 * @param key identifies the file and its version, the columns, how they are decoded, and the block
 */
export async function cachedBlock(
  key: string,
  decode: () => Promise<readonly Floats[]>,
): Promise<readonly Floats[]> {
  const known = kept.get(key);
  if (known !== undefined) {
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const block = await decode();
  kept.set(key, block);
  keptBytes += bytesOf(block);
  for (const [first, old] of kept) {
    if (keptBytes <= KEPT_BYTES || first === key) break;
    kept.delete(first);
    keptBytes -= bytesOf(old);
  }
  return block;
}
