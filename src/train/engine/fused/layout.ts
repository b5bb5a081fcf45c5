import { parametersOf } from "../../../model/network.js";
import type { FusedNetwork } from "./network.js";

/** Bytes of a tile's activations that stay in a core's first cache. */
const TILE_BYTES = 32 * 1024;
const TILE_ROWS = { least: 64, most: 256 };

/** Rows are taken in at most so many numbers at a time, 8 MiB. */
const PORTION_NUMBERS = 2 ** 21;

/** Into how many parts a portion of rows is divided at the most … */
const PARTS = 32;
/** … and how many numbers all parts' sums may have together: 64 MiB. */
const PART_NUMBERS = 2 ** 23;

/** What the threads tell each other, as int32 numbers. */
export const CONTROL = {
  /** Counts the portions that have been handed out; who waits for work waits for it to change. */
  portion: 0,
  /** Parts of the portion that nobody has taken yet; 0 or less where all are taken. */
  left: 1,
  /** Parts of the portion that are done. */
  done: 2,
  /** Rows of the portion. */
  rows: 3,
  /** Rows of a part; the last one may have fewer. */
  partRows: 4,
  /** 1 once the threads are to end. */
  ended: 5,
} as const;

/** Where everything lies in the memory that the threads share. Addresses are in bytes. */
export interface Layout {
  /** D. */
  features: number;
  layers: number;
  /** Of the table that the kernel reads. */
  table: number;
  control: number;
  /** Each parameter's numbers in the network's order, float32. */
  parameters: { address: number; length: number; sumsAt: number }[];
  /** Each layer's packed weights and their packed transpose. */
  packed: { weights: number; transposed: number }[];
  x: number;
  y: number;
  /** Rows that there is room for. */
  portionRows: number;
  /** Rows that the kernel works on at a time. */
  tile: number;
  /** Scratch of each thread. */
  activations: number[];
  /** Sums that a part makes: the squared errors, the gradients, and one to make them even. */
  sums: number;
  /** The parts' sums, float64, one part after the other. */
  parts: number;
  partCount: number;
  /** The sums of all parts. */
  total: number;
  bytes: number;
}

/** How many numbers a part's sums are. */
function sumsOf(parameters: number): number {
  return Math.ceil((1 + parameters) / 2) * 2;
}

/**
 * How rows are divided, which rounding depends on: on the network alone, never on the threads.
 */
function divisionOf(
  network: FusedNetwork,
  sums: number,
): Pick<Layout, "tile" | "partCount" | "portionRows"> {
  const features = network[0]!.inputs;
  const units = network.reduce((sum, { outputs }) => sum + outputs, features);
  const fitting = Math.floor(TILE_BYTES / 4 / units / 16) * 16;
  const tile = Math.min(TILE_ROWS.most, Math.max(TILE_ROWS.least, fitting));
  const partCount = Math.max(1, Math.min(PARTS, Math.floor(PART_NUMBERS / sums)));
  const portionRows = Math.max(1, Math.floor(PORTION_NUMBERS / (features + 1) / tile)) * tile;
  return { tile, partCount, portionRows };
}

/** Rows of each part of a portion: whole tiles. */
export function partRowsOf({ tile, partCount }: Layout, rows: number): number {
  return Math.max(1, Math.ceil(rows / partCount / tile)) * tile;
}

/**
 * Lays out the memory for a network.
 *
 * @param start the first address that is free
 */
export function layOut(network: FusedNetwork, threads: number, start: number): Layout {
  let end = start;
  const reserve = (bytes: number): number => {
    // Lines of the cache are not shared between threads that write.
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
    parts: reserve(division.partCount * sums * 8),
    total: reserve(sums * 8),
    bytes: end,
  };
}
