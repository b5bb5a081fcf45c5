import { readFileSync } from "node:fs";
import { failure } from "../common/errors.js";

/** The functions of assembly/stream.ts; addresses are byte offsets into `memory`. */
interface KernelExports {
  memory: WebAssembly.Memory;
  heapBase(): number;
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
const ALIGNMENT = 64;
const PAGE = 65_536;
/** An instance addresses 4 GiB. */
const LARGEST = 2 ** 32 - PAGE;
/** Memory that a task has left is kept for the next one unless that needs so much less. */
const SLACK = 64 * 1024 * 1024;

let compiled: WebAssembly.Module | undefined;
let instance: KernelExports | undefined;

function createInstance(): KernelExports {
  compiled ??= new WebAssembly.Module(
    readFileSync(new URL("../../kernels/stream.wasm", import.meta.url)),
  );
  const { exports } = new WebAssembly.Instance(compiled, {});
  // The compiler gives no types for a kernel's exports; assembly/stream.ts is their source.
  return exports as unknown as KernelExports;
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
  let top = instance.heapBase();
  const places = sizes.map((size) => {
    const place = Math.ceil(top / ALIGNMENT) * ALIGNMENT;
    top = place + size;
    return place;
  });
  if (top > LARGEST) {
    throw failure(`${what} needs ${top} bytes at once, more than 4 GiB: its rows are too wide.`);
  }
  // Memory of a kernel never shrinks; another instance starts small.
  if (instance.memory.buffer.byteLength > 2 * top + SLACK) instance = createInstance();
  const missing = Math.ceil((top - instance.memory.buffer.byteLength) / PAGE);
  if (missing > 0) instance.memory.grow(missing);
  return { kernel: instance, places };
}
