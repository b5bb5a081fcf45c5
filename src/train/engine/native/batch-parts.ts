/** Rows that are worth a part: fewer take as long to hand out as to compute. */
const WORTH = 2000;
/** The most parts; more than this many cores have nothing to do in so small a network anyway. */
const MOST = 16;
/** Parts begin at multiples of so many rows, with which kernels work from whole vectors on. */
const ALIGNED = 16;

/**
 * How many parts a batch is cut into, a power of two: by its rows alone, so that the gradients' sums,
 * and with them their last bits, are the same on any number of cores.
 */
export function partsOf(rows: number): number {
  let parts = 1;
  while (parts < MOST && rows >= 2 * parts * WORTH) parts *= 2;
  return parts;
}

/** Rows of each part. */
export function partLengths(rows: number): Int32Array {
  const parts = partsOf(rows);
  const length = Math.ceil(rows / parts / ALIGNED) * ALIGNED;
  const lengths = new Int32Array(parts).fill(length);
  lengths[parts - 1] = rows - (parts - 1) * length;
  return lengths;
}
