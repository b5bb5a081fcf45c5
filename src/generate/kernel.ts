import { readFileSync } from "node:fs";

/** The functions of assembly/generate.ts; addresses are byte offsets into `memory`. */
export interface KernelExports {
  memory: WebAssembly.Memory;
  heapBase(): number;
  philoxBlock(...countersKeysOut: number[]): void;
  randomWords(
    seed: number,
    stream: number,
    row: number,
    firstBlock: number,
    groups: number,
    out: number,
  ): void;
  randomNormals(
    seed: number,
    stream: number,
    row: number,
    firstBlock: number,
    groups: number,
    out: number,
  ): void;
  lsmRows(
    seed: number,
    firstRow: number,
    rows: number,
    features: number,
    noise: number,
    weights: number,
    tile: number,
    x: number,
    y: number,
  ): void;
  twoLayerSigmoidRows(
    seed: number,
    firstRow: number,
    rows: number,
    features: number,
    noise: number,
    w1: number,
    w2: number,
    maximum1: number,
    maximum2: number,
    pass: number,
    tile: number,
    x: number,
    y: number,
  ): number;
}

/** A kernel instance with memory of its own, and room in it for the caller's buffers. */
export interface Kernel {
  functions: KernelExports;
  /** Byte offsets of buffers of the given sizes, each on a 64-byte boundary. The memory grows to hold them. */
  allocate(sizes: readonly number[]): number[];
}

const ALIGNMENT = 64;
const PAGE = 65_536;
let compiled: WebAssembly.Module | undefined;

/** A new instance of the generation kernel, in this thread. Its memory is freed with it. */
export function createKernel(): Kernel {
  compiled ??= new WebAssembly.Module(
    readFileSync(new URL("../../kernels/generate.wasm", import.meta.url)),
  );
  const instance = new WebAssembly.Instance(compiled, {
    env: {
      abort: () => {
        throw new Error("The generation kernel aborted.");
      },
    },
  });
  // The compiler gives no types for a kernel's exports; assembly/generate.ts is their source.
  const functions = instance.exports as unknown as KernelExports;
  let top = functions.heapBase();
  return {
    functions,
    allocate(sizes) {
      const offsets = sizes.map((size) => {
        const offset = Math.ceil(top / ALIGNMENT) * ALIGNMENT;
        top = offset + size;
        return offset;
      });
      const missing = Math.ceil((top - functions.memory.buffer.byteLength) / PAGE);
      if (missing > 0) functions.memory.grow(missing);
      return offsets;
    },
  };
}
