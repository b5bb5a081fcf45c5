import { readFileSync } from "node:fs";

/** What every compiled kernel exports. Addresses are byte offsets into `memory`. */
export interface KernelMemory {
  memory: WebAssembly.Memory;
  /** The first address after the kernel's own data. */
  heapBase(): number;
}

/** A kernel instance with memory of its own, and room in it for the caller's buffers. */
export interface Kernel<Exports extends KernelMemory> {
  functions: Exports;
  /** Byte offsets of buffers of the given sizes, each on a 64-byte boundary. The memory grows to hold them. */
  allocate(sizes: readonly number[]): number[];
}

/** Buffers start at multiples of this. */
const ALIGNMENT = 64;
const PAGE = 65_536;
const compiled = new Map<string, WebAssembly.Module>();

/**
 * A new instance of a kernel, in this thread. Its memory is freed with it.
 *
 * @param name of its file in assembly/, whose exports are `Exports`: a compiled kernel has no types
 */
export function openKernel<Exports extends KernelMemory>(name: string): Kernel<Exports> {
  let module = compiled.get(name);
  if (module === undefined) {
    const file = new URL(`../../kernels/${name}.wasm`, import.meta.url);
    module = new WebAssembly.Module(readFileSync(file));
    compiled.set(name, module);
  }
  const instance = new WebAssembly.Instance(module, {
    env: {
      abort: () => {
        throw new Error(`The kernel '${name}' aborted.`);
      },
    },
  });
  const functions = instance.exports as unknown as Exports;
  let top = functions.heapBase();
  return {
    functions,
    allocate(sizes) {
      const { places, end } = layOut(top, sizes);
      top = end;
      growTo(functions.memory, end);
      return places;
    },
  };
}

/** Places of buffers one after the other, each on a 64-byte boundary, and where they end. */
export function layOut(start: number, sizes: readonly number[]): { places: number[]; end: number } {
  let end = start;
  const places = sizes.map((size) => {
    const place = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = place + size;
    return place;
  });
  return { places, end };
}

/** Grows a kernel's memory where it has fewer bytes. */
export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (missing > 0) memory.grow(missing);
}
