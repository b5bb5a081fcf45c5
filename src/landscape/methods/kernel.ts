import { readFile } from "node:fs/promises";
import { failure } from "../../common/errors.js";

// Neither ES2023's library nor Node's types declare WebAssembly; this is the part used here.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    validate(bytes: Uint8Array): boolean;
    instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: unknown } }>;
  };
};

/** What both ways to add squared errors along a line are given; `order` and `places` by pieces. */
type LineArguments = [
  products: number,
  y: number,
  rows: number,
  first: number,
  second: number,
  sets: number,
  beta: number,
  secondWeights: number,
  secondBiases: number,
  outputs: number,
  outputBiases: number,
  alphas: number,
  points: number,
  start: number,
  inverseStep: number,
  floor: number,
  a: number,
  actives: number,
  switches: number,
  list: number,
  nextOrOrder: number,
  headsOrPlaces: number,
  quadratics: number,
];

/** What assembly/landscape.ts exports; addresses are in bytes. */
interface Exports {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapBase(): number;
  multiplyRows(
    x: number,
    rows: number,
    features: number,
    first: number,
    sets: number,
    weights: number,
    products: number,
  ): void;
  addSquaredErrors(...line: [...LineArguments, predictions: number, sums: number]): void;
  addSquaredErrorsByPieces(...line: [...LineArguments, sums: number]): void;
  addLinearSums(
    x: number,
    y: number,
    rows: number,
    features: number,
    weights: number,
    plane: boolean,
    sums: number,
  ): void;
}

/** A fresh instance of the kernel, with `reserve` to lay out its memory. */
export interface Kernel extends Exports {
  readonly simd: Simd;
  /** Reserves bytes, aligned to 16, and returns their address. Views of the memory made before are void. */
  reserve(bytes: number): number;
}

/** Which instructions a kernel uses: `relaxed` SIMD fuses multiplications with additions. */
export type Simd = "relaxed" | "fixed";

const FILES: Record<Simd, URL> = {
  relaxed: new URL("../../../kernels/landscape-relaxed.wasm", import.meta.url),
  fixed: new URL("../../../kernels/landscape.wasm", import.meta.url),
};

let supported: Promise<Simd> | undefined;

/** The best that this engine runs. */
export function supportedSimd(): Promise<Simd> {
  supported ??= readFile(FILES.relaxed).then(
    (bytes) => (WebAssembly.validate(bytes) ? "relaxed" : "fixed"),
    () => "fixed",
  );
  return supported;
}

/**
 * An instance of the kernel.
 *
 * @param simd default: the best that this engine runs
 * @throws a failure where it is missing or cannot be compiled
 */
export async function loadKernel(simd?: Simd): Promise<Kernel> {
  const wanted = simd ?? (await supportedSimd());
  const file = FILES[wanted];
  let exports: Exports;
  try {
    const { instance } = await WebAssembly.instantiate(await readFile(file), {});
    // WebAssembly's exports are untyped; assembly/landscape.ts is where their types come from.
    exports = instance.exports as Exports;
  } catch (error) {
    throw failure(
      `The kernel ${file.pathname} could not be loaded; build it with \`npm run build\` (Node ${wanted === "relaxed" ? "22" : "20.19"} or later).`,
      error,
    );
  }
  const { memory } = exports;
  let end = exports.heapBase();
  return {
    ...exports,
    simd: wanted,
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
