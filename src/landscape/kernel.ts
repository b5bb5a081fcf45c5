import { readFile } from "node:fs/promises";
import { failure } from "../common/errors.js";

// Neither ES2023's library nor Node's types declare WebAssembly; this is the part used here.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: unknown } }>;
  };
};

/** What assembly/landscape.ts exports; addresses are in bytes. */
interface Exports {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapBase(): number;
  addSquaredErrors(
    x: number,
    y: number,
    rows: number,
    features: number,
    first: number,
    second: number,
    firstWeights: number,
    secondWeights: number,
    outputs: number,
    alphas: number,
    points: number,
    start: number,
    inverseStep: number,
    floor: number,
    a: number,
    b: number,
    actives: number,
    switches: number,
    list: number,
    next: number,
    heads: number,
    quadratics: number,
    sums: number,
  ): void;
}

/** A fresh instance of the kernel, with `reserve` to lay out its memory. */
export interface Kernel extends Exports {
  /** Reserves bytes, aligned to 16, and returns their address. Views of the memory made before are void. */
  reserve(bytes: number): number;
}

/** An instance of dist/kernels/landscape.wasm. Throws a failure where it is missing or cannot be compiled. */
export async function loadKernel(): Promise<Kernel> {
  const file = new URL("../../kernels/landscape.wasm", import.meta.url);
  let exports: Exports;
  try {
    const { instance } = await WebAssembly.instantiate(await readFile(file), {});
    // WebAssembly's exports are untyped; assembly/landscape.ts is where their types come from.
    exports = instance.exports as Exports;
  } catch (error) {
    throw failure(
      `The kernel ${file.pathname} could not be loaded; build it with \`npm run build\` (Node 20.19 or later).`,
      error,
    );
  }
  const { memory, heapBase, addSquaredErrors } = exports;
  let end = heapBase();
  return {
    memory,
    heapBase,
    addSquaredErrors,
    reserve(bytes) {
      const address = Math.ceil(end / 16) * 16;
      end = address + bytes;
      const missing = end - memory.buffer.byteLength;
      if (missing > 0) {
        try {
          memory.grow(Math.ceil(missing / 65_536));
        } catch (error) {
          throw failure(
            `The model is too large for the landscape kernel: ${end} bytes are needed at once.`,
            error,
          );
        }
      }
      return address;
    },
  };
}
