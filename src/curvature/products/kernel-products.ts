import { compileKernel, openKernel } from "../../common/kernel.js";
import type { DenseNetwork } from "../../model/index.js";
import type { HessianPart, RowPart } from "./types.js";

/** Rows that the kernel processes at once: an activation's 64 float64 are half a kibibyte. */
const TILE = 64;
const ACTIVATION_CODES = { linear: 0, relu: 1, tanh: 2, sigmoid: 3 } as const;

let relaxed: boolean | undefined;

/** The instructions of the kernel: `relaxed` SIMD, where this version of Node has it, fuses multiplications with additions. */
export function hessianSimd(): "relaxed" | "fixed" {
  if (relaxed === undefined) {
    try {
      compileKernel("hessian-relaxed");
      relaxed = true;
    } catch {
      relaxed = false;
    }
  }
  return relaxed ? "relaxed" : "fixed";
}

/** A kernel with a network's weights in this thread. */
export interface KernelProducts {
  /** Replaces the vectors, which lie one after the other. */
  setVectors(vectors: Float64Array): void;
  /**
   * Products of the vectors with the Hessian of half the sum of the rows' squared errors, one after the
   * other, and last the sum of the squared errors. In float64.
   */
  add(rows: RowPart, part: HessianPart): Float64Array;
}

/** The numbers of a network: each layer's weights and bias. */
export function sizeOf(network: DenseNetwork): number {
  return network.reduce((sum, { weights, bias }) => sum + weights.length + (bias?.length ?? 0), 0);
}

/** Opens a kernel for a dense network. Rows and vectors may be of any number; more memory is taken as needed. */
export function openKernelProducts(network: DenseNetwork): KernelProducts {
  const { functions: kernel, allocate } = openKernel(
    hessianSimd() === "relaxed" ? "hessian-relaxed" : "hessian",
  );
  const size = sizeOf(network);
  const features = network[0]!.inputs;
  const units = network.reduce((sum, { outputs }) => sum + outputs, features);
  const [table, weights, scratch, flat] = allocate([
    network.length * 28,
    size * 16,
    5 * units * TILE * 8,
    size * 8,
  ]) as [number, number, number, number];
  let rowRoom = 0;
  let [x, y] = [0, 0];
  let vectorRoom = 0;
  let count = 0;
  let [vectorTable, packed, sums] = [0, 0, 0];

  const packLayers = (target: number, numbers: Float64Array): number[][] =>
    packNetwork(kernel, network, { target, flat, numbers });

  const addresses = packLayers(weights, flatNetwork(network));
  const entries = layerTable(network, addresses);
  new Uint32Array(kernel.memory.buffer, table, entries.length).set(entries);

  return {
    setVectors(vectors) {
      count = vectors.length / size;
      if (count > vectorRoom) {
        vectorRoom = count;
        [vectorTable, packed, sums] = allocate([
          count * network.length * 12,
          count * size * 16,
          count * size * 8,
        ]) as [number, number, number];
      }
      const places = Array.from({ length: count }, (_, at) =>
        packLayers(packed + at * size * 16, vectors.subarray(at * size, (at + 1) * size)),
      ).flat(2);
      new Uint32Array(kernel.memory.buffer, vectorTable, places.length).set(places);
    },
    add(rows, part) {
      if (rows.rows > rowRoom) {
        rowRoom = rows.rows;
        [x, y] = allocate([rowRoom * features * 4, rowRoom * 4]) as [number, number];
      }
      const { buffer } = kernel.memory;
      new Float32Array(buffer, x).set(rows.x.subarray(0, rows.rows * features));
      new Float32Array(buffer, y).set(rows.y.subarray(0, rows.rows));
      const found = new Float64Array(buffer, sums, count * size).fill(0);
      const squares = kernel.addProducts64(
        table,
        network.length,
        vectorTable,
        count,
        x,
        y,
        rows.rows,
        TILE,
        scratch,
        part === "gauss-newton" ? 0 : 1,
        part === "residual" ? 0 : 1,
        sums,
        size * 8,
      );
      const result = new Float64Array(count * size + 1);
      result.set(found);
      result[count * size] = squares;
      return result;
    },
  };
}

/** All numbers of a network one after the other: each layer's weights, then its bias. */
export function flatNetwork(network: DenseNetwork): Float64Array {
  const flat = new Float64Array(sizeOf(network));
  let at = 0;
  for (const { weights, bias } of network) {
    flat.set(weights, at);
    at += weights.length;
    if (bias !== undefined) flat.set(bias, at);
    at += bias?.length ?? 0;
  }
  return flat;
}

/**
 * The kernel's table of the layers.
 *
 * @param addresses as `packNetwork` returns them
 */
export function layerTable(
  network: DenseNetwork,
  addresses: readonly (readonly number[])[],
): number[] {
  let index = 0;
  return network.flatMap(({ inputs, outputs, activation, weights, bias }, layer) => {
    const first = index;
    index += weights.length + (bias?.length ?? 0);
    return [inputs, outputs, ACTIVATION_CODES[activation], ...addresses[layer]!, first];
  });
}

/**
 * Lays out a network's numbers for the kernel: of each layer its weights, their transpose and its bias.
 *
 * @returns of each layer the three addresses, 0 for no bias
 */
export function packNetwork(
  kernel: ReturnType<typeof openKernel<"hessian">>["functions"],
  network: DenseNetwork,
  { target, flat, numbers }: { target: number; flat: number; numbers: Float64Array },
): number[][] {
  new Float64Array(kernel.memory.buffer, flat, numbers.length).set(numbers);
  let from = flat;
  let to = target;
  return network.map(({ inputs, outputs, bias }) => {
    const bytes = inputs * outputs * 8;
    kernel.pack64(from, inputs, outputs, outputs * 8, 8, to);
    kernel.pack64(from, outputs, inputs, 8, outputs * 8, to + bytes);
    const entry = [to, to + bytes, 0];
    from += bytes;
    to += 2 * bytes;
    if (bias !== undefined) {
      entry[2] = to;
      new Uint8Array(kernel.memory.buffer).copyWithin(to, from, from + outputs * 8);
      from += outputs * 8;
      to += outputs * 8;
    }
    return entry;
  });
}
