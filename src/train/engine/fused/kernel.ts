import { readFile } from "node:fs/promises";
import { failure } from "../../../common/errors.js";

/** Memory of a kernel that several threads work in. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** What assembly/train.ts exports; addresses and strides are in bytes. */
export interface TrainKernel {
  heapBase(): number;
  pack(
    from: number,
    inputs: number,
    outputs: number,
    inputStride: number,
    outputStride: number,
    target: number,
  ): void;
  addParts(parts: number, number: number, count: number, total: number): void;
  addGradients(
    layers: number,
    count: number,
    x: number,
    y: number,
    rows: number,
    tile: number,
    activations: number,
    sums: number,
  ): void;
}

// Neither ES2023's library nor Node's types declare WebAssembly; this is the part used here.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    compile(bytes: Uint8Array): Promise<CompiledKernel>;
    Instance: new (module: CompiledKernel, imports: object) => { exports: unknown };
    Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
  };
};

const PAGE_BYTES = 65_536;

declare const compiled: unique symbol;
/** A compiled kernel; threads can be sent it. */
export interface CompiledKernel {
  readonly [compiled]: true;
}

/** Compiles dist/kernels/train.wasm. Throws a failure where it is missing or cannot be compiled. */
export async function compileKernel(): Promise<CompiledKernel> {
  const file = new URL("../../../../kernels/train.wasm", import.meta.url);
  try {
    return await WebAssembly.compile(await readFile(file));
  } catch (error) {
    throw failure(
      `The kernel ${file.pathname} could not be loaded; build it with \`npm run build\` (Node 20.19 or later).`,
      error,
    );
  }
}

/**
 * Memory for the kernel's own data and `bytes` more.
 *
 * @throws a failure where there is not so much
 */
export function shareMemory(bytes: number): SharedMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES) + 1;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    throw failure(`The model needs ${bytes} bytes at once, which are not to be had.`, error);
  }
}

/** The kernel in a thread's own instance. */
export function instantiate(kernel: CompiledKernel, memory: SharedMemory): TrainKernel {
  // WebAssembly's exports are untyped; assembly/train.ts is where their types come from.
  return new WebAssembly.Instance(kernel, { env: { memory } }).exports as TrainKernel;
}
