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
import {
  columnProducts,
  groupsOf,
  inputsOf,
  lengthOfShare,
  panelsOf,
  type ColumnProduct,
} from "./layout.js";
import type { Share, ShareSums } from "./types.js";

/** Rows that the kernel processes at once. */
const TILE = 64;
/** Bytes of a unit's numbers in a tile. */
const PITCH = TILE * 8;
/** Bytes of four columns. */
const PANEL = 4 * PITCH;
/** Bytes of a group's entry: the address of its panels, the number of its columns, and the mask of its rows. */
const ENTRY = 16;

/** Sums of a share's blocks in this thread. */
export interface MatrixSums {
  add(rows: RowPart): void;
  sums(): ShareSums;
}

/**
 * Opens the kernel for a share of the Hessian of a piecewise linear network.
 *
 * @param begun sums to begin with; default: 0
 */
export function openMatrixSums(
  network: DenseNetwork,
  part: HessianPart,
  share: Share,
  begun?: ShareSums,
): MatrixSums {
  const { functions: kernel, allocate } = openKernel(
    hessianSimd() === "relaxed" ? "hessian-relaxed" : "hessian",
  );
  const size = sizeOf(network);
  const features = network[0]!.inputs;
  const units = network.reduce((sum, { outputs }) => sum + outputs, features);
  const products = columnProducts(network, part);
  // Derivatives of a layer's outputs in the units of one that is not the next below.
  const derivatives = Math.max(
    0,
    ...products
      .filter(({ kind, left }) => kind === "residual" && left.length > 1)
      .map(({ left }) => left.length * left[0]!),
  );
  const [table, weights, flat, x, y, tiles, residuals, gates, offsets, one, other] = allocate([
    network.length * 28,
    size * 16,
    size * 8,
    TILE * features * 4,
    TILE * 4,
    2 * units * PITCH,
    PITCH,
    units * PITCH,
    TILE * 4,
    derivatives * PITCH,
    derivatives * PITCH,
  ]) as [number, number, number, number, number, number, number, number, number, number, number];
  const deltas = tiles + units * PITCH;

  /** A table of groups of columns, all rows of which are in use. */
  function groups(columns: readonly number[]): number {
    const total = columns.reduce((sum, count) => sum + panelsOf(count), 0);
    const [entries, first] = allocate([columns.length * ENTRY, total * PANEL]) as [number, number];
    let at = first;
    const words = columns.flatMap((count) => {
      const address = at;
      at += panelsOf(count) * PANEL;
      return [address, count, 0xffffffff, 0xffffffff];
    });
    new Uint32Array(kernel.memory.buffer, entries, words.length).set(words);
    return entries;
  }

  const across = part === "residual" ? [] : network;
  const jacobian = across.map((layer) => groups(groupsOf(layer.outputs, inputsOf(layer))));
  const places = products.map((product) => {
    const { kind, low, high, left, right } = product;
    const [target] = allocate([lengthOfShare(product, share) * 8]) as [number];
    return kind === "across"
      ? { target, left: jacobian[low]!, right: jacobian[high]! }
      : { target, left: groups(left), right: groups(right) };
  });

  for (const [at, sums] of (begun ?? []).entries()) {
    new Float64Array(kernel.memory.buffer, places[at]!.target, sums.length).set(sums);
  }

  const addresses = packNetwork(kernel, network, {
    target: weights,
    flat,
    numbers: flatNetwork(network),
  });
  const entries = layerTable(network, addresses);
  new Uint32Array(kernel.memory.buffer, table, entries.length).set(entries);

  /** Of each layer where its inputs and outputs begin in a tile, and its weights. */
  const layers: { input: number; output: number; weights: number }[] = [];
  let [unit, first] = [0, 0];
  for (const { inputs, outputs, bias } of network) {
    const input = unit * PITCH;
    layers.push({ input, output: input + inputs * PITCH, weights: flat + first * 8 });
    unit += inputs;
    first += inputs * outputs + (bias === undefined ? 0 : outputs);
  }

  /** Groups of a layer's inputs times the derivative in each unit of a layer. */
  function writeOuter(low: number, high: number, factors: number, target: number): void {
    const { inputs, bias } = network[low]!;
    const { outputs } = network[high]!;
    const delta = deltas + layers[high]!.output;
    const input = tiles + layers[low]!.input;
    kernel.outerGroups(input, inputs, bias === undefined ? 0 : 1, delta, outputs, factors, target);
    kernel.writeMasks(delta, outputs, target);
  }

  /** Where the derivatives of a layer's outputs in the units of a lower one are: from those of the layer below. */
  let [found, next] = [one, other];
  function advance(low: number, layer: number): void {
    const { inputs, outputs } = network[layer]!;
    const { output, weights: own } = layers[layer]!;
    if (layer === low + 1) {
      const below = gates + layers[low]!.output;
      kernel.firstDerivatives(below, inputs, gates + output, outputs, own, next);
    } else {
      const sets = network[low]!.outputs;
      kernel.nextDerivatives(table + layer * 28, found, sets, tiles + output, next);
    }
    [found, next] = [next, found];
  }

  function write(
    { kind, low, high, left }: ColumnProduct,
    place: { left: number; right: number },
  ): void {
    const { inputs, outputs, bias } = network[low]!;
    if (kind === "within") {
      const input = tiles + layers[low]!.input;
      kernel.pairGroups(input, inputs, bias === undefined ? 0 : 1, place.left);
      kernel.writeMasks(input, inputs, place.left);
      const delta = deltas + layers[low]!.output;
      kernel.pairGroups(delta, outputs, 0, place.right);
      kernel.writeMasks(delta, outputs, place.right);
    } else if (kind === "residual") {
      const own = gates + layers[low]!.output;
      if (high === low + 1) kernel.copyGroups(own, 1, outputs, place.left);
      else {
        advance(low, high - 1);
        kernel.copyGroups(found, outputs, left[0]!, place.left);
        kernel.writeMasks(own, outputs, place.left);
      }
      writeOuter(low, high, residuals, place.right);
    }
  }

  function addTile(): void {
    for (const index of jacobian.keys()) writeOuter(index, index, 0, jacobian[index]!);
    for (const [index, { outputs, activation }] of network.entries()) {
      const { output } = layers[index]!;
      kernel.writeGates(tiles + output, outputs, activation === "relu" ? 1 : 0, gates + output);
    }
    for (const [at, product] of products.entries()) {
      const place = places[at]!;
      write(product, place);
      kernel.addGroups(
        place.left,
        product.left.length,
        place.right,
        product.right.length,
        share.index,
        share.of,
        offsets,
        place.target,
      );
    }
  }

  return {
    add(rows) {
      const { buffer } = kernel.memory;
      const [ownX, ownY] = [new Float32Array(buffer, x), new Float32Array(buffer, y)];
      for (let from = 0; from < rows.rows; from += TILE) {
        const to = Math.min(rows.rows, from + TILE);
        ownX.set(rows.x.subarray(from * features, to * features));
        ownY.set(rows.y.subarray(from, to));
        kernel.predictionDerivatives(table, network.length, x, y, to - from, tiles, residuals);
        addTile();
      }
    },
    sums: () =>
      products.map((product, at) => {
        const length = lengthOfShare(product, share);
        return new Float64Array(kernel.memory.buffer, places[at]!.target, length).slice();
      }),
  };
}
