import { failure } from "../../common/errors.js";
import { growTo, layOut, openKernel, type Kernel } from "../../common/kernel.js";

type StreamKernel = Kernel<"stream">["functions"];

/** The kernel makes random words in groups of this many. */
export const GROUP_WORDS = 16;
/** An instance addresses 4 GiB, of which the last page stays free. */
const LARGEST = 2 ** 32 - 65_536;
/** Memory of an earlier task is kept unless the next task needs this many bytes less. */
const SLACK = 64 * 1024 * 1024;

let instance: StreamKernel | undefined;

function createInstance(): StreamKernel {
  return openKernel("stream").functions;
}

/**
 * This thread's kernel with buffers of the given sizes, each on a 64-byte boundary. Buffers of earlier
 * calls are void.
 *
 * @param what names the work in the error
 * @returns the kernel and the buffers' addresses
 * @throws a failure where the buffers exceed 4 GiB
 */
export function reserve(
  sizes: readonly number[],
  what: string,
): { kernel: StreamKernel; addresses: number[] } {
  instance ??= createInstance();
  const { addresses, end } = layOut(instance.heapBase(), sizes);
  if (end > LARGEST) {
    throw failure(`${what} needs ${end} bytes at once, more than 4 GiB: its rows are too wide.`);
  }
  // Memory of a kernel never shrinks; another instance starts small.
  if (instance.memory.buffer.byteLength > 2 * end + SLACK) instance = createInstance();
  growTo("stream", instance.memory, end);
  return { kernel: instance, addresses };
}
