import { parametersOf } from "../../../model/network.js";
import type { FusedNetwork } from "./network.js";

/** Bytes of a tile's activations that stay in a core's first-level cache. */
const TILE_BYTES = 32 * 1024;
const TILE_ROWS = { least: 64, most: 256 };

/** Numbers of a portion of rows, at most: 8 MiB. */
const PORTION_NUMBERS = 2 ** 21;

/** Microbatches of a portion, at most. */
const MICROBATCHES = 32;
/** Numbers of all microbatches' sums together, at most: 64 MiB. */
const MICROBATCH_NUMBERS = 2 ** 23;

/** Indices of the int32 numbers by which the threads coordinate. */
export const CONTROL = {
  /** Counts the portions. Threads without work wait for it to change. */
  portion: 0,
  /** Microbatches of the portion that no thread has taken yet; 0 or less where all are taken. */
  left: 1,
  /** Microbatches of the portion that are done. */
  done: 2,
  /** Rows of the portion. */
  rows: 3,
  /** Rows of a microbatch; the last one may have fewer. */
  microbatchRows: 4,
  /** 1 once the threads are to end. */
  ended: 5,
} as const;

/** Addresses, in bytes, in the memory that the threads share. */
export interface Layout {
  /** D. */
  features: number;
  layers: number;
  /** The table of layers that the kernel reads. */
  table: number;
  control: number;
  /** Each parameter's numbers in the network's order, float32. `sumsAt`: its index in a microbatch's sums. */
  parameters: { address: number; length: number; sumsAt: number }[];
  /** Each layer's packed weights and their packed transpose. */
  packed: { weights: number; transposed: number }[];
  x: number;
  y: number;
  /** Rows that x and y have room for: a batch is processed in portions of this size. */
  portionRows: number;
  /** Rows that the kernel processes at once. */
  tile: number;
  /** Scratch memory of each thread. */
  activations: number[];
  /** Numbers of a microbatch's sums: the squared errors, the gradients, and one to make the count even. */
  sums: number;
  /** The microbatches' sums, float64, one microbatch after the other. */
  microbatchSums: number;
  microbatchCount: number;
  /** The sums of all microbatches. */
  total: number;
  bytes: number;
}

/** How many numbers a microbatch's sums are. */
function sumsOf(parameters: number): number {
  return Math.ceil((1 + parameters) / 2) * 2;
}

/** How rows are divided. Rounding depends on it, so it depends on the network alone, not on the threads. */
function divisionOf(
  network: FusedNetwork,
  sums: number,
): Pick<Layout, "tile" | "microbatchCount" | "portionRows"> {
  const features = network[0]!.inputs;
  const units = network.reduce((sum, { outputs }) => sum + outputs, features);
  const fitting = Math.floor(TILE_BYTES / 4 / units / 16) * 16;
  const tile = Math.min(TILE_ROWS.most, Math.max(TILE_ROWS.least, fitting));
  const microbatchCount = Math.max(
    1,
    Math.min(MICROBATCHES, Math.floor(MICROBATCH_NUMBERS / sums)),
  );
  const portionRows = Math.max(1, Math.floor(PORTION_NUMBERS / (features + 1) / tile)) * tile;
  return { tile, microbatchCount, portionRows };
}

/** Rows of each microbatch of a portion: a multiple of a tile. */
export function microbatchRowsOf({ tile, microbatchCount }: Layout, rows: number): number {
  return Math.max(1, Math.ceil(rows / microbatchCount / tile)) * tile;
}

/**
 * Lays out the memory for a network.
 *
 * @param start the first free address
 */
export function layOutNetwork(network: FusedNetwork, threads: number, start: number): Layout {
  let end = start;
  const reserve = (bytes: number): number => {
    // Threads that write never share a line of the cache.
    const address = Math.ceil(end / 64) * 64;
    end = address + bytes;
    return address;
  };
  const features = network[0]!.inputs;
  const units = network.reduce((sum, { outputs }) => sum + outputs, features);
  let sumsAt = 1;
  const parameters = parametersOf(network).map(({ values: { length } }) => {
    const parameter = { address: reserve(length * 4), length, sumsAt };
    sumsAt += length;
    return parameter;
  });
  const sums = sumsOf(sumsAt - 1);
  const division = divisionOf(network, sums);
  return {
    features,
    layers: network.length,
    table: reserve(network.length * 28),
    control: reserve(Object.keys(CONTROL).length * 4),
    parameters,
    packed: network.map(({ weights: { length } }) => ({
      weights: reserve(length * 4),
      transposed: reserve(length * 4),
    })),
    x: reserve(division.portionRows * features * 4),
    y: reserve(division.portionRows * 4),
    activations: Array.from({ length: threads }, () => reserve(units * division.tile * 4)),
    ...division,
    sums,
    microbatchSums: reserve(division.microbatchCount * sums * 8),
    total: reserve(sums * 8),
    bytes: end,
  };
}
