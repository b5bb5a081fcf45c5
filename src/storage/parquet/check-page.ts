/*
 * hyparquet trusts the lengths of runs in a page: a run that is longer than its page would fill the memory, and a
 * block of a negative length would keep it reading for ever. So they are walked through first.
 */

/** Where the values of a page are, uncompressed. */
export interface PageValues {
  bytes: Uint8Array;
  encoding: string | undefined;
  /** Values, missing ones included. */
  count: number;
  /** Where the levels that say which values are missing begin; undefined: none is missing. */
  levels: number | undefined;
  /** Where the values begin; undefined: behind the levels. */
  values: number | undefined;
}

/** Number of values in the least part of a delta encoding, by the format's definition. */
const MINIBLOCK = 32;
/** Bits of a value at most. */
const WIDEST = 64;

/** Checks the runs of a page that holds no lists. Throws an error where they are longer than the page. */
export function checkPage({ bytes, encoding, count, levels, values }: PageValues): void {
  const walk = walkThrough(bytes);
  if (levels !== undefined) {
    // Version 1 has their length in front of them, version 2 in the page's header.
    const start = values === undefined ? levels + 4 : levels;
    walk.runs(start, 1, count);
  }
  const lengthOf = (at: number): number =>
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  const from =
    values ?? (levels === undefined ? 0 : Math.min(bytes.length, levels + 4 + lengthOf(levels)));
  if (encoding === "RLE_DICTIONARY" || encoding === "PLAIN_DICTIONARY") {
    walk.runs(from + 1, bytes[from] ?? 0, count);
  } else if (encoding === "RLE") walk.runs(from + 4, 1, count);
  else if (encoding === "DELTA_BINARY_PACKED" || encoding === "DELTA_LENGTH_BYTE_ARRAY") {
    walk.delta(from);
  } else if (encoding === "DELTA_BYTE_ARRAY") walk.delta(walk.delta(from));
}

function walkThrough(bytes: Uint8Array) {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("a page is cut");
    return byte;
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = next();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error("a page has a number that is too long");
  };
  return {
    /** Runs of equal values, and packed values, in any order. */
    runs(start: number, width: number, count: number): void {
      at = start;
      if (width > 32) throw new Error("a page has values of an impossible width");
      for (let left = count; left > 0 && at < bytes.length;) {
        const header = varint();
        const isPacked = header % 2 === 1;
        const length = Math.floor(header / 2) * (isPacked ? 8 : 1);
        // Packed values may be padded, but without bits nothing bounds them.
        if (length > left && (!isPacked || width === 0)) {
          throw new Error("a page has a run that is longer than itself");
        }
        at += isPacked ? (length / 8) * width : Math.ceil(width / 8);
        left -= length;
      }
    },
    /** Blocks of differences. Returns where they end. */
    delta(start: number): number {
      at = start;
      const block = varint();
      const parts = varint();
      const total = varint();
      const each = block / parts;
      if (!(each > 0 && each % MINIBLOCK === 0) || block > bytes.length * 8 + 2 ** 16) {
        throw new Error("a page has blocks of an impossible length");
      }
      varint();
      for (let left = total - 1; left > 0;) {
        varint();
        const widths = Array.from({ length: parts }, next);
        for (const width of widths) {
          if (width > WIDEST) throw new Error("a page has differences that are too wide");
          if (left > 0) at += (each * width) / 8;
          left -= each;
        }
      }
      return at;
    },
  };
}
