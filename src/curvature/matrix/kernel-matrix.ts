import { openKernel } from "../../common/kernel.js";
import type { DenseNetwork } from "../../model/index.js";
import {
  flatNetwork,
  hessianSimd,
  layerTable,
  packNetwork,
  sizeOf,
} from "../products/kernel-products.js";
import type { HessianPart, RowPart } from "../products/types.js";
import { bytesOfShare, layerPairs, panelsOf } from "./layout.js";
import type { Share, ShareSums } from "./types.js";

/** Rows that the kernel processes at once. */
const TILE = 64;
/** Bytes of a unit's numbers in a tile. */
const PITCH = TILE * 8;
/** Bytes of four columns. */
const PANEL = 4 * PITCH;

/** Sums of a share's blocks in this thread. */
export interface MatrixSums {
  add(rows: RowPart): void;
  sums(): ShareSums;
}

/** Opens the kernel for a share of the Hessian of a piecewise linear network. */
export function openMatrixSums(network: DenseNetwork, part: HessianPart, share: Share): MatrixSums {
  const { functions: kernel, allocate } = openKernel(
    hessianSimd() === "relaxed" ? "hessian-relaxed" : "hessian",
  );
  const size = sizeOf(network);
  const features = network[0]!.inputs;
  const units = network.reduce((sum, { outputs }) => sum + outputs, features);
  const pairs = part === "gauss-newton" ? [] : layerPairs(network);
  const most = (of: (pair: (typeof pairs)[number]) => number): number =>
    Math.max(0, ...pairs.map(of));
  const bytes = bytesOfShare(network, part, share);
  const panels = part === "residual" ? 0 : panelsOf(size);
  const [table, weights, flat, x, y, tiles, residuals, gates] = allocate([
    network.length * 28,
    size * 16,
    size * 8,
    TILE * features * 4,
    TILE * 4,
    2 * units * PITCH,
    PITCH,
    units * PITCH,
  ]) as [number, number, number, number, number, number, number, number];
  const derivativeBytes = most(({ derivatives }) => derivatives) * PITCH;
  const [columns, left, right, derivatives, others, squares, ...blocks] = allocate([
    panels * PANEL,
    most((pair) => panelsOf(pair.derivatives)) * PANEL,
    most((pair) => panelsOf(pair.products)) * PANEL,
    derivativeBytes,
    derivativeBytes,
    bytes.squares,
    ...bytes.pairs,
  ]) as [number, number, number, number, number, number, ...number[]];
  const addresses = packNetwork(kernel, network, {
    target: weights,
    flat,
    numbers: flatNetwork(network),
  });
  const entries = layerTable(network, addresses);
  new Uint32Array(kernel.memory.buffer, table, entries.length).set(entries);

  /** Of each layer where its inputs begin in a tile, and its first number in a vector. */
  const places: { input: number; output: number; first: number }[] = [];
  let [unit, first] = [0, 0];
  for (const { inputs, outputs, bias } of network) {
    places.push({ input: unit * PITCH, output: (unit + inputs) * PITCH, first });
    unit += inputs;
    first += inputs * outputs + (bias === undefined ? 0 : outputs);
  }
  const deltas = tiles + units * PITCH;

  /** Columns of a layer's inputs times the derivatives in a layer's units. */
  function writeColumns(
    low: number,
    high: number,
    to: { factors: number; panels: number; first: number },
  ): void {
    const { inputs, bias } = network[low]!;
    kernel.outerColumns(
      tiles + places[low]!.input,
      inputs,
      bias === undefined ? 0 : 1,
      deltas + places[high]!.output,
      network[high]!.outputs,
      to.factors,
      to.panels,
      to.first,
    );
  }

  function addSquares(): void {
    for (const [index, place] of places.entries()) {
      writeColumns(index, index, { factors: 0, panels: columns, first: place.first });
    }
    kernel.addBlocks(columns, 0, columns, share.index, panels, share.of, squares);
  }

  function addPairs(): void {
    for (const [index, { outputs, activation }] of network.entries()) {
      const { output } = places[index]!;
      kernel.writeGates(tiles + output, outputs, activation === "relu" ? 1 : 0, gates + output);
    }
    let [found, next] = [derivatives, others];
    for (const [at, pair] of pairs.entries()) {
      const { low, high } = pair;
      if (high === low + 1) {
        kernel.copyColumns(gates + places[low]!.output, pair.derivatives, left, 0);
      } else {
        advance(low, high - 1, found, next);
        [found, next] = [next, found];
        kernel.copyColumns(found, pair.derivatives, left, 0);
      }
      writeColumns(low, high, { factors: residuals, panels: right, first: 0 });
      const across = panelsOf(pair.products);
      const down = panelsOf(pair.derivatives);
      kernel.addBlocks(left, down, right, share.index, across, share.of, blocks[at]!);
    }
  }

  /** The derivatives of a layer's outputs in the units of a lower one, from those of the layer below. */
  function advance(low: number, layer: number, from: number, to: number): void {
    const { inputs, outputs } = network[layer]!;
    if (layer === low + 1) {
      const below = gates + places[low]!.output;
      const above = gates + places[layer]!.output;
      const own = flat + places[layer]!.first * 8;
      kernel.firstDerivatives(below, inputs, above, outputs, own, to);
    } else {
      const values = tiles + places[layer]!.output;
      kernel.nextDerivatives(table + layer * 28, from, network[low]!.outputs, values, to);
    }
  }

  const view = (address: number, length: number): Float64Array =>
    new Float64Array(kernel.memory.buffer, address, length / 8).slice();

  return {
    add(rows) {
      const { buffer } = kernel.memory;
      const [ownX, ownY] = [new Float32Array(buffer, x), new Float32Array(buffer, y)];
      for (let from = 0; from < rows.rows; from += TILE) {
        const to = Math.min(rows.rows, from + TILE);
        ownX.set(rows.x.subarray(from * features, to * features));
        ownY.set(rows.y.subarray(from, to));
        kernel.predictionDerivatives(table, network.length, x, y, to - from, tiles, residuals);
        if (part !== "residual") addSquares();
        if (part !== "gauss-newton") addPairs();
      }
    },
    sums: () => ({
      squares: view(squares, bytes.squares),
      pairs: bytes.pairs.map((length, at) => view(blocks[at]!, length)),
    }),
  };
}
