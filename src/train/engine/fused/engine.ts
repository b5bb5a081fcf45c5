import { parametersOf } from "../../../model/network.js";
import type { DenseNetwork } from "../../../model/index.js";
import { arrayAlgebra, updateParameters, updateRule } from "../../optimizers/index.js";
import type { EngineKind, EngineSpec, EngineState, TrainingEngine } from "../types.js";
import { createGradientSums, gradientThreads, type GradientSums } from "./gradients.js";
import { isFusedNetwork } from "./network.js";

/**
 * Steps by the fused WebAssembly kernel, with the optimiser's equations on plain arrays: dense networks
 * on the wasm backend, and linear models on the cpu backend.
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
  spec: EngineSpec,
  threads?: number,
): Promise<TrainingEngine> {
  const { model } = spec;
  if (model.kind !== "dense" || !isFusedNetwork(model.network)) {
    throw new Error("The fused engine does not take this model.");
  }
  const sums = createGradientSums(model.network, threads, spec.simd);
  const parameters = createParameters(spec, model.network);

  function update(rows: number, learningRate: number): number {
    const loss = sums.squares() / rows;
    sums.replace(parameters.update(meanGradients(sums, rows), learningRate));
    return loss;
  }

  return {
    name: "fused",
    step(batch, { learningRate, measure }) {
      const finish = (): number | undefined => {
        const loss = update(batch.rows, learningRate);
        return measure ? loss : undefined;
      };
      sums.clear();
      const pending = sums.add(batch);
      return pending === undefined ? finish() : pending.then(finish);
    },
    export: () => Promise.resolve(parameters.export()),
    restore: (state) => sums.replace(parameters.restore(state)),
    dispose: () => sums.dispose(),
  };
}

/** The gradients of the mean squared error. */
function meanGradients(sums: GradientSums, rows: number): Float32Array[] {
  const scale = 2 / rows;
  return sums.halves().map((half) => {
    const gradient = new Float32Array(half.length);
    for (let at = 0; at < gradient.length; at++) gradient[at] = scale * half[at]!;
    return gradient;
  });
}

/** A network's parameters and the optimiser's slots as arrays. */
function createParameters({ optimizer, clipNorm }: EngineSpec, network: DenseNetwork) {
  const names = updateRule(optimizer).slots;
  let weights: Float32Array[] = parametersOf(network).map(({ values }) => values.slice());
  let slots: Float32Array[][] = names.map(() =>
    weights.map(({ length }) => new Float32Array(length)),
  );
  let step = 0;
  return {
    /** Takes a step. Returns the new weights. */
    update(gradients: readonly Float32Array[], learningRate: number): readonly Float32Array[] {
      step++;
      const options = { step, learningRate, clipNorm };
      const current = { weights, slots };
      ({ weights, slots } = updateParameters(arrayAlgebra, optimizer, current, gradients, options));
      return weights;
    },
    export(): EngineState {
      const slotsByName = names.map((name, at) => [name, copy(slots[at]!)]);
      return { step, weights: copy(weights), slots: Object.fromEntries(slotsByName) };
    },
    /** Returns the restored weights. */
    restore(state: EngineState): readonly Float32Array[] {
      weights = copy(state.weights);
      slots = names.map((name) => copy(state.slots[name]!));
      ({ step } = state);
      return weights;
    },
  };
}

function copy(arrays: readonly Float32Array[]): Float32Array[] {
  return arrays.map((values) => values.slice());
}
