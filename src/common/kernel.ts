import { readFileSync } from "node:fs";
import { failure } from "./errors.js";
import type { Kernels } from "./kernel-signatures.js";
import { packageFile } from "./package-files.js";

/** A kernel: a file of assembly/, compiled to WebAssembly. */
export type KernelName = keyof Kernels;

/** A kernel instance with memory of its own, and room in it for the caller's buffers. */
export interface Kernel<Name extends KernelName> {
  /** The kernel's functions and its memory. Addresses are byte offsets. */
  functions: Kernels[Name];
  /**
   * Byte offsets of buffers of the given sizes, each on a 64-byte boundary. The memory grows to hold
   * them, which makes earlier views of it void.
   *
   * @throws a failure where there is too little memory
   */
  allocate(sizes: readonly number[]): number[];
}

/** Buffers start at multiples of this: a line of the processor's cache. */
const ALIGNMENT = 64;
const PAGE_BYTES = 65_536;
const compiled = new Map<KernelName, WebAssembly.Module>();

/**
 * Compiles a kernel, once in a thread.
 *
 * @returns a module that can be sent to other threads
 * @throws a failure where its file is missing or this version of Node cannot compile it
 */
export function compileKernel(name: KernelName): WebAssembly.Module {
  let module = compiled.get(name);
  if (module === undefined) {
    const file = packageFile(`dist/kernels/${name}.wasm`);
    try {
      module = new WebAssembly.Module(readFileSync(file));
    } catch (error) {
      throw failure(
        `The kernel ${file.pathname} could not be loaded; build it with \`npm run build\` (Node 20.19 or later).`,
        error,
      );
    }
    compiled.set(name, module);
  }
  return module;
}

/**
 * An instance of a compiled kernel, in this thread.
 *
 * @param memory for a kernel that does not bring its own
 */
export function instantiateKernel<Name extends KernelName>(
  name: Name,
  module: WebAssembly.Module,
  memory?: WebAssembly.Memory,
): Kernels[Name] {
  const abort = (): never => {
    throw new Error(`The kernel ${name} aborted.`);
  };
  const imports = { abort, ...(memory !== undefined && { memory }) };
  const { exports } = new WebAssembly.Instance(module, { env: imports });
  // WebAssembly has no types; these are generated from the kernel's source.
  return exports as unknown as Kernels[Name];
}

/**
 * A new instance of a kernel, in this thread. Its memory is freed with it.
 *
 * @throws a failure where the kernel cannot be loaded
 */
export function openKernel<Name extends KernelName>(name: Name): Kernel<Name> {
  const functions = instantiateKernel(name, compileKernel(name));
  let top = functions.heapBase();
  return {
    functions,
    allocate(sizes) {
      const { addresses, end } = layOut(top, sizes);
      top = end;
      growTo(name, functions.memory, end);
      return addresses;
    },
  };
}

/** Addresses of buffers one after the other, each on a 64-byte boundary, and where the last one ends. */
export function layOut(
  start: number,
  sizes: readonly number[],
): { addresses: number[]; end: number } {
  let end = start;
  const addresses = sizes.map((size) => {
    const address = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = address + size;
    return address;
  });
  return { addresses, end };
}

/** Grows a kernel's memory to at least `bytes`. Throws a failure where there is too little memory. */
export function growTo(name: KernelName, memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (error) {
    throw failure(
      `The kernel ${name} needs ${bytes} bytes at once, more than there is memory for; use a smaller model or fewer features.`,
      error,
    );
  }
}
