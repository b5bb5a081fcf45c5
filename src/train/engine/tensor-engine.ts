import { dispose, tensor, tidy } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { autodiffGradients } from "./autodiff.js";
import type { EngineKind, EngineSpec, TrainingEngine } from "./types.js";
import {
  denseGradients,
  download,
  meanSquare,
  networkToModel,
  toLayersModel,
} from "../../model/index.js";
import type { BatchRows, GradientSource, HeldParameters } from "../../model/index.js";
import { tensorAlgebra, updateParameters, updateRule } from "../optimizers/index.js";

/** Computes a model's gradients in tensors of the current backend. */
export async function gradientSource({
  model,
  gradients,
}: Pick<EngineSpec, "model" | "gradients">): Promise<GradientSource> {
  if (model.kind === "layers") return autodiffGradients(await toLayersModel(model.network), model);
  if (gradients === "explicit") return denseGradients(model.network);
  return autodiffGradients(networkToModel(model.network), { seed: 0 });
}

/** A model's parameters on the current backend, and the steps that update them. */
export interface StepSource extends HeldParameters {
  /**
   * Computes one step of the optimiser: new values of the trained parameters and the slots, and the batch's
   * residuals before the step. The batch's arrays may be reused when this returns; the caller disposes of
   * the tensors.
   *
   * @param slots for each slot of the optimiser's rule, one tensor for each trained parameter
   */
  step(
    batch: BatchRows,
    slots: readonly (readonly Tensor[])[],
    options: { step: number; learningRate: number },
  ): { weights: Tensor[]; slots: Tensor[][]; residuals: Tensor2D };
}

/** Steps in tensor operations: any model on any tfjs backend. */
export const tensorEngine: EngineKind = {
  name: "tensor",
  takes: ({ simd }) => simd !== "relaxed",
  create: async (spec) =>
    createTensorEngine(spec, "tensor", stepsByGradients(spec, await gradientSource(spec))),
};

/** Steps that take gradients from a source and update the weights in tensors. */
function stepsByGradients({ optimizer, clipNorm }: EngineSpec, source: GradientSource): StepSource {
  return {
    ...source,
    step(batch, slots, { step, learningRate }) {
      const { gradients, residuals } = source.gradients(batch, step);
      const weights = source.parameters().slice(0, source.trainable);
      const updated = tidy(() =>
        updateParameters(tensorAlgebra, optimizer, { weights, slots }, gradients, {
          step,
          learningRate,
          clipNorm,
        }),
      );
      dispose(gradients);
      return { ...updated, residuals };
    },
  };
}

/** An engine whose steps a `StepSource` computes. */
export function createTensorEngine(
  { optimizer }: EngineSpec,
  engine: string,
  source: StepSource,
): TrainingEngine {
  const names = updateRule(optimizer).slots;
  let slots: readonly (readonly Tensor[])[] = names.map(() => {
    const trained = source.parameters().slice(0, source.trainable);
    return trained.map(({ shape, size }) => tensor(new Float32Array(size), shape));
  });
  let step = 0;

  return {
    name: engine,
    step(batch, { learningRate, measure }) {
      const stepped = source.step(batch, slots, { step: step + 1, learningRate });
      const { residuals } = stepped;
      source.replace(stepped.weights);
      dispose(slots.flat());
      ({ slots } = stepped);
      step++;
      if (!measure) {
        residuals.dispose();
        return undefined;
      }
      return meanSquare(residuals).finally(() => residuals.dispose());
    },
    async export() {
      const weights = await download(source.parameters());
      const values = await Promise.all(slots.map(download));
      return {
        step,
        weights,
        slots: Object.fromEntries(names.map((name, at) => [name, values[at]!])),
      };
    },
    restore(state) {
      const shapes = source.parameters().map(({ shape }) => shape);
      // Copies: the cpu backend keeps the arrays that it gets.
      const upload = (arrays: readonly Float32Array[]): Tensor[] =>
        arrays.map((values, at) => tensor(values.slice(), shapes[at]!));
      source.replace(upload(state.weights));
      dispose(slots.flat());
      slots = names.map((name) => upload(state.slots[name]!));
      ({ step } = state);
    },
    dispose() {
      dispose(slots.flat());
      source.dispose();
    },
  };
}
