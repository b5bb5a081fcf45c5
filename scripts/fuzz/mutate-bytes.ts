import type { Chance } from "../soak/chance.js";

/** Whole numbers that programs stumble over. */
const NUMBERS: readonly bigint[] = [
  0n,
  1n,
  127n,
  128n,
  255n,
  256n,
  32_767n,
  65_535n,
  2n ** 24n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 60n,
  2n ** 63n,
  2n ** 64n - 1n,
];

type Mutate = (bytes: Buffer, chance: Chance, others: readonly Buffer[]) => Buffer;

/** Where files are trusted most: their last and first bytes; or anywhere. */
function placeIn(bytes: Buffer, chance: Chance): number {
  const last = Math.max(0, bytes.length - 1);
  const near = Math.min(last, chance.one([40, 200, 1000]));
  const where = chance.one(["any", "any", "start", "end", "end"]);
  if (where === "any") return chance.whole(0, last);
  return where === "start" ? chance.whole(0, near) : last - chance.whole(0, near);
}

/** A part of a file. */
function partOf(bytes: Buffer, chance: Chance): Buffer {
  const from = placeIn(bytes, chance);
  return bytes.subarray(from, from + chance.whole(1, chance.one([8, 64, 1024])));
}

/** A number as a length field or a count would be written. */
function fieldOf(chance: Chance): Buffer {
  const value = chance.one(NUMBERS);
  const kind = chance.one(["u8", "u16", "u32", "u64", "big", "varint"]);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  if (kind === "u8") return bytes.subarray(0, 1);
  if (kind === "u16") return bytes.subarray(0, 2);
  if (kind === "u32") return bytes.subarray(0, 4);
  if (kind === "u64") return bytes;
  if (kind === "big") return bytes.subarray(0, 4).swap32();
  const digits: number[] = [];
  let rest = value;
  do {
    digits.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(digits);
}

const MUTATIONS: readonly Mutate[] = [
  function flipBits(bytes, chance) {
    const flipped = Buffer.from(bytes);
    for (let bits = chance.one([1, 1, 2, 8]); bits > 0 && flipped.length > 0; bits--) {
      const at = placeIn(flipped, chance);
      flipped[at] = flipped[at]! ^ (1 << chance.whole(0, 7));
    }
    return flipped;
  },
  function setBytes(bytes, chance) {
    const set = Buffer.from(bytes);
    for (let count = chance.whole(1, 4); count > 0 && set.length > 0; count--) {
      set[placeIn(set, chance)] = chance.one([0, 1, 0x7f, 0x80, 0xff, chance.whole(0, 255)]);
    }
    return set;
  },
  function replaceField(bytes, chance) {
    const field = fieldOf(chance);
    const replaced = Buffer.from(bytes);
    field.copy(replaced, placeIn(bytes, chance));
    return replaced;
  },
  function truncate(bytes, chance) {
    return Buffer.from(bytes.subarray(0, placeIn(bytes, chance)));
  },
  function removePart(bytes, chance) {
    const at = placeIn(bytes, chance);
    const count = chance.whole(1, chance.one([4, 64, 1024]));
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]);
  },
  function insertField(bytes, chance) {
    const at = placeIn(bytes, chance);
    return Buffer.concat([bytes.subarray(0, at), fieldOf(chance), bytes.subarray(at)]);
  },
  function repeatPart(bytes, chance) {
    const at = placeIn(bytes, chance);
    return Buffer.concat([bytes.subarray(0, at), partOf(bytes, chance), bytes.subarray(at)]);
  },
  function overwritePart(bytes, chance) {
    const written = Buffer.from(bytes);
    partOf(bytes, chance).copy(written, placeIn(bytes, chance));
    return written;
  },
  // The start of one file and the end of another.
  function splice(bytes, chance, others) {
    const other = others.length === 0 ? bytes : chance.one(others);
    const at = placeIn(bytes, chance);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(placeIn(other, chance))]);
  },
];

/**
 * Changes a file's bytes once, or a few times.
 *
 * @param others other files of the kind, for splices
 */
export function mutateBytes(bytes: Buffer, chance: Chance, others: readonly Buffer[]): Buffer {
  let mutated = bytes;
  for (let times = chance.one([1, 1, 1, 2, 3]); times > 0; times--) {
    mutated = chance.one(MUTATIONS)(mutated, chance, others);
  }
  return mutated;
}
