/*
 * LZ4 frames, as Arrow compresses buffers by default. The dependencies decode
 * single blocks only, and the blocks of a frame refer back to each other, so both formats are decoded here:
 * github.com/lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md. Checksums are not checked.
 */

const MAGIC = 0x184d2204;

/**
 * Decodes a frame.
 *
 * @param length of the content, if it is known
 * @throws if the content has another length, or the frame is cut
 */
export function lz4FrameDecompress(input: Uint8Array, length?: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new Error("it is not an LZ4 frame");
  const flags = view.getUint8(4);
  if (flags >> 6 !== 1) throw new Error("its LZ4 frame is of an unknown version");
  // Content size, dictionary id and header checksum follow the descriptor's two bytes.
  let at = 6 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0) + 1;
  const output = new Uint8Array(length ?? mostBytes(view, at, flags));
  let filled = 0;
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) break;
    const bytes = size & 0x7fffffff;
    const block = input.subarray(at, at + bytes);
    if (block.byteLength < bytes) throw new Error("its LZ4 frame is cut");
    if (size >>> 31 === 1) {
      output.set(block, filled);
      filled += bytes;
    } else filled = decodeBlock(block, output, filled);
    at += bytes + (flags & 0x10 ? 4 : 0);
  }
  if (length === undefined) return output.subarray(0, filled);
  if (filled !== length)
    throw new Error(`its LZ4 frame holds ${filled} bytes instead of ${length}`);
  return output;
}

/** The most bytes that the blocks from a position on can hold. */
function mostBytes(view: DataView, from: number, flags: number): number {
  const largest = 2 ** (8 + 2 * ((view.getUint8(5) >> 4) & 7));
  let bytes = 0;
  for (
    let at = from, size = view.getUint32(at, true);
    size !== 0;
    size = view.getUint32(at, true)
  ) {
    at += 4 + (size & 0x7fffffff) + (flags & 0x10 ? 4 : 0);
    // The format packs at most 255 bytes into one.
    bytes += Math.min(largest, 255 * (size & 0x7fffffff));
  }
  return bytes;
}

/** Reads the rest of a length, which ends with the first byte below 255. */
function moreLength(block: Uint8Array, at: number): { length: number; at: number } {
  let length = 0;
  for (let place = at; ; place++) {
    const byte = block[place];
    if (byte === undefined) throw new Error("its LZ4 block is cut");
    length += byte;
    if (byte < 255) return { length, at: place + 1 };
  }
}

/** Decodes a block to `output` from `start` on; returns the end of the decoded bytes. */
function decodeBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  let at = 0;
  let to = start;
  while (at < block.length) {
    const token = block[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      const more = moreLength(block, at);
      literals += more.length;
      ({ at } = more);
    }
    if (at + literals > block.length || to + literals > output.length) {
      throw new Error("its LZ4 block has too many literals");
    }
    output.set(block.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence has no match.
    if (at === block.length) return to;
    if (at + 2 > block.length) throw new Error("its LZ4 block is cut");
    const offset = block[at]! | (block[at + 1]! << 8);
    at += 2;
    let match = token & 15;
    if (match === 15) {
      const more = moreLength(block, at);
      match += more.length;
      ({ at } = more);
    }
    match += 4;
    if (offset === 0 || offset > to || to + match > output.length) {
      throw new Error("its LZ4 block refers to bytes that are not there");
    }
    if (offset >= match) {
      output.copyWithin(to, to - offset, to - offset + match);
      to += match;
    } else {
      // The match overlaps its own output.
      for (const end = to + match; to < end; to++) output[to] = output[to - offset]!;
    }
  }
  return to;
}
