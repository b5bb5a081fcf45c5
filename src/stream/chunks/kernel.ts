import { failure } from "../../common/errors.js";
import { growTo, layOut, openKernel, type KernelMemory } from "../../common/kernel.js";

/** The functions of assembly/stream.ts; addresses are byte offsets into `memory`. */
interface KernelExports extends KernelMemory {
  drawBuckets(
    seed: number,
    stream: number,
    row: number,
    group: number,
    rows: number,
    bits: number,
    ids: number,
    counts: number,
  ): void;
  dealSplit(
    x: number,
    y: number,
    rows: number,
    features: number,
    ids: number,
    next: number,
    out: number,
  ): void;
  dealPacked(
    from: number,
    rows: number,
    features: number,
    ids: number,
    next: number,
    out: number,
  ): void;
  permutation(
    seed: number,
    stream: number,
    row: number,
    group: number,
    count: number,
    out: number,
  ): number;
  gather(
    from: number,
    order: number,
    all: number,
    rows: number,
    features: number,
    x: number,
    y: number,
  ): void;
}

/** Words of the kernel come in groups of so many. */
export const GROUP_WORDS = 16;
/** An instance addresses 4 GiB, of which the last page stays free. */
const LARGEST = 2 ** 32 - 65_536;
/** Memory that a task has left is kept for the next one unless that needs so much less. */
const SLACK = 64 * 1024 * 1024;

let instance: KernelExports | undefined;

function createInstance(): KernelExports {
  return openKernel<KernelExports>("stream").functions;
}

/**
 * This thread's kernel with room for buffers of the given sizes, whose places it returns, each on a
 * 64-byte boundary. What was there before is void.
 *
 * @param what the work, for the error
 * @throws a failure where they are more than 4 GiB
 */
export function reserve(
  sizes: readonly number[],
  what: string,
): { kernel: KernelExports; places: number[] } {
  instance ??= createInstance();
  const { places, end } = layOut(instance.heapBase(), sizes);
  if (end > LARGEST) {
    throw failure(`${what} needs ${end} bytes at once, more than 4 GiB: its rows are too wide.`);
  }
  // Memory of a kernel never shrinks; another instance starts small.
  if (instance.memory.buffer.byteLength > 2 * end + SLACK) instance = createInstance();
  growTo(instance.memory, end);
  return { kernel: instance, places };
}
