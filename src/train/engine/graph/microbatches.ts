/** Fewer rows than this take as long to hand to a thread as to compute. */
const MINIMUM_ROWS = 2000;
/** A network that fits this engine has no work for more cores than this. */
const MAXIMUM_COUNT = 16;
/** Microbatches begin at multiples of this many rows, where TensorFlow's kernels take full vectors. */
const ALIGNMENT = 16;

/**
 * How many microbatches a batch is cut into, a power of two. It depends on the batch and the network
 * alone, so that the gradients' sums are the same to the bit on any number of cores.
 *
 * @param layers a network of one layer has too little work a row to be worth cutting
 */
export function microbatchCount(rows: number, layers: number): number {
  if (layers === 1) return 1;
  let count = 1;
  while (count < MAXIMUM_COUNT && rows >= 2 * count * MINIMUM_ROWS) count *= 2;
  return count;
}

/** The rows of each microbatch. */
export function microbatchRows(rows: number, count: number): Int32Array {
  const length = Math.ceil(rows / count / ALIGNMENT) * ALIGNMENT;
  const lengths = new Int32Array(count).fill(length);
  lengths[count - 1] = rows - (count - 1) * length;
  return lengths;
}
