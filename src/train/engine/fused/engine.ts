import type { EngineKind, EngineSpec, TrainingEngine } from "../types.js";
import { parametersOf } from "../../../model/network.js";
import { arrayAlgebra, updateParameters, updateRule } from "../../optimizers/index.js";
import { createGradientSums, gradientThreads } from "./gradients.js";
import { isFusedNetwork } from "./network.js";

/**
 * Steps by the fused WebAssembly kernel, with the optimiser's equations on plain arrays: for networks
 * of dense layers in place of the wasm backend's tensors, and for linear models of the cpu backend's.
 */
export const fusedEngine: EngineKind = {
  name: "fused",
  takes({ model, gradients }, backend) {
    if (model.kind !== "dense" || gradients !== "explicit") return false;
    const { network } = model;
    const isMeant = backend === "wasm" || (backend === "cpu" && network.length === 1);
    return isMeant && isFusedNetwork(network);
  },
  threads: gradientThreads,
  anyThreads: true,
  create: createFusedEngine,
};

/** @param threads default: see `createGradientSums` */
export async function createFusedEngine(
  { model, optimizer, clipNorm }: EngineSpec,
  threads?: number,
): Promise<TrainingEngine> {
  if (model.kind !== "dense" || !isFusedNetwork(model.network)) {
    throw new Error("The fused engine does not take this model.");
  }
  const sums = createGradientSums(model.network, threads);
  const names = updateRule(optimizer).slots;
  let weights: Float32Array[] = parametersOf(model.network).map(({ values }) => values.slice());
  let slots: Float32Array[][] = names.map(() =>
    weights.map(({ length }) => new Float32Array(length)),
  );
  const gradients = weights.map(({ length }) => new Float32Array(length));
  let step = 0;

  function update(rows: number, learningRate: number): number {
    const loss = sums.squares() / rows;
    const scale = 2 / rows;
    for (const [parameter, half] of sums.halves().entries()) {
      const gradient = gradients[parameter]!;
      for (let at = 0; at < gradient.length; at++) gradient[at] = scale * half[at]!;
    }
    const current = { weights, slots };
    ({ weights, slots } = updateParameters(arrayAlgebra, optimizer, current, gradients, {
      step: step + 1,
      learningRate,
      clipNorm,
    }));
    sums.replace(weights);
    step++;
    return loss;
  }

  return {
    name: "fused",
    step(batch, { learningRate, measure }) {
      sums.clear();
      const pending = sums.add(batch);
      if (pending !== undefined) {
        return pending.then(() => {
          const loss = update(batch.rows, learningRate);
          return measure ? loss : undefined;
        });
      }
      const loss = update(batch.rows, learningRate);
      return measure ? loss : undefined;
    },
    export() {
      return Promise.resolve({
        step,
        weights: copy(weights),
        slots: Object.fromEntries(names.map((name, at) => [name, copy(slots[at]!)])),
      });
    },
    restore(state) {
      weights = state.weights.map((values) => values.slice());
      slots = names.map((name) => state.slots[name]!.map((values) => values.slice()));
      ({ step } = state);
      sums.replace(weights);
    },
    dispose: () => sums.dispose(),
  };
}

function copy(arrays: readonly Float32Array[]): Float32Array[] {
  return arrays.map((values) => values.slice());
}
