import { availableParallelism } from "node:os";
import type { BatchRows } from "../../../model/index.js";
import { countWeights, parameterIndices, parametersOf } from "../../../model/network.js";
import { compileKernel } from "../../../common/kernel.js";
import { instantiate, shareMemory } from "./kernel.js";
import type { TrainFunctions } from "./kernel.js";
import { layOutNetwork } from "./layout.js";
import type { Layout } from "./layout.js";
import { ACTIVATION_CODES } from "./network.js";
import type { FusedNetwork } from "./network.js";
import { createTeam } from "./team.js";

/** More threads than this do not make batches of usual sizes faster. */
const MAXIMUM_THREADS = 8;

/** Batches of fewer products are computed by one thread: waking others takes longer than their 0.2 ms of work. */
const SHARED_PRODUCTS = 1_000_000;

/** Squared errors of a network and their gradients, summed over the rows that were added. */
export interface GradientSums {
  /** Threads that share large batches, the calling one included. */
  readonly threads: number;
  /**
   * Adds the rows of a batch. Its arrays may be reused once this has returned, or once the returned
   * promise has resolved. The sums are the same to the bit with any number of threads.
   */
  add(batch: BatchRows): Promise<void> | undefined;
  /** The sum of the squared errors. */
  squares(): number;
  /** For each parameter the gradient of half that sum. Valid until the next call. */
  halves(): readonly Float64Array[];
  /** Sets all sums to zero. */
  clear(): void;
  /** Replaces the parameters, in the network's order. */
  replace(parameters: readonly Float32Array[]): void;
  dispose(): Promise<void>;
}

/** How many threads share a batch by default. */
export function gradientThreads(): number {
  return Math.min(MAXIMUM_THREADS, availableParallelism());
}

/**
 * The sums of a network by the fused kernel, on all cores. The forward and backward pass of a few rows
 * stay in a core's cache.
 *
 * @param network one that `isFusedNetwork`
 * @param threads default: one per core, at most 8
 * @param simd `relaxed` fuses multiplications with additions
 * @throws a failure where the kernel cannot be loaded or there is too little memory
 */
export function createGradientSums(
  network: FusedNetwork,
  threads: number = gradientThreads(),
  simd: "fixed" | "relaxed" = "fixed",
): GradientSums {
  const module = compileKernel(simd === "relaxed" ? "train-relaxed" : "train");
  const start = instantiate(module, shareMemory(0)).heapBase();
  const layout = layOutNetwork(network, threads, start);
  const memory = shareMemory(layout.bytes);
  const team = createTeam(module, memory, layout);
  const { buffer } = memory;
  const parameters = layout.parameters.map(
    ({ address, length }) => new Float32Array(buffer, address, length),
  );
  const total = new Float64Array(buffer, layout.total, layout.sums);
  const halves = layout.parameters.map(({ sumsAt, length }) =>
    total.subarray(sumsAt, sumsAt + length),
  );
  const { features, portionRows } = layout;
  const x = new Float32Array(buffer, layout.x, portionRows * features);
  const y = new Float32Array(buffer, layout.y, portionRows);
  const weights = countWeights(network);

  function addFrom(batch: BatchRows, from: number): Promise<void> | undefined {
    for (let first = from; first < batch.rows; first += portionRows) {
      const end = Math.min(batch.rows, first + portionRows);
      x.set(batch.x.subarray(first * features, end * features));
      y.set(batch.y.subarray(first, end));
      const pending = team.run(end - first, (end - first) * weights >= SHARED_PRODUCTS);
      if (pending !== undefined) return pending.then(() => addFrom(batch, end));
    }
    return undefined;
  }

  function replace(values: readonly Float32Array[]): void {
    for (const [at, parameter] of parameters.entries()) parameter.set(values[at]!);
    packLayers(team.kernel, layout, network);
  }

  writeTable(new Uint32Array(buffer, layout.table, layout.layers * 7), layout, network);
  replace(parametersOf(network).map(({ values }) => values));
  return {
    threads,
    add: (batch) => addFrom(batch, 0),
    squares: () => total[0]!,
    halves: () => halves,
    clear: () => {
      total.fill(0);
    },
    replace,
    dispose: () => team.close(),
  };
}

function writeTable(table: Uint32Array, layout: Layout, network: FusedNetwork): void {
  const indices = parameterIndices(network);
  for (const [index, { inputs, outputs, activation }] of network.entries()) {
    const { weights, bias } = indices[index]!;
    const packed = layout.packed[index]!;
    table.set(
      [
        inputs,
        outputs,
        ACTIVATION_CODES[activation],
        packed.weights,
        packed.transposed,
        bias === undefined ? 0 : layout.parameters[bias]!.address,
        layout.parameters[weights]!.sumsAt,
      ],
      index * 7,
    );
  }
}

function packLayers(kernel: TrainFunctions, layout: Layout, network: FusedNetwork): void {
  const indices = parameterIndices(network);
  for (const [index, { inputs, outputs }] of network.entries()) {
    const { address } = layout.parameters[indices[index]!.weights]!;
    const { weights, transposed } = layout.packed[index]!;
    kernel.pack(address, inputs, outputs, outputs * 4, 4, weights);
    // The gradient with respect to the features is not needed.
    if (index > 0) kernel.pack(address, outputs, inputs, 4, outputs * 4, transposed);
  }
}
