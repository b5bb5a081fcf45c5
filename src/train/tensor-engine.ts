import { dispose, tensor, tidy } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { autodiffGradients } from "./autodiff.js";
import type { EngineKind, EngineSpec, TrainingEngine } from "./engine.js";
import { explicitGradients } from "./explicit.js";
import { download, meanSquare } from "./gradients.js";
import type { GradientSource } from "./gradients.js";
import { networkToModel } from "./layers-model.js";
import { toLayersModel } from "./layers-network.js";
import { tensorAlgebra, updateParameters, updateRule } from "./optimizers/index.js";
import type { Algebra } from "./optimizers/index.js";

/** The source of a model's gradients in tensors of the current backend. */
export async function gradientSource({
  model,
  gradients,
}: Pick<EngineSpec, "model" | "gradients">): Promise<GradientSource> {
  if (model.kind === "layers") return autodiffGradients(await toLayersModel(model.network), model);
  if (gradients === "explicit") return explicitGradients(model.network);
  return autodiffGradients(networkToModel(model.network), { seed: 0 });
}

/** Steps in tensor operations: any model on any tfjs backend. */
export const tensorEngine: EngineKind = {
  name: "tensor",
  takes: () => true,
  create: async (spec) =>
    createTensorEngine(spec, "tensor", await gradientSource(spec), tensorAlgebra),
};

/** An engine of a source of gradients and of an algebra in which the optimiser's equations are evaluated. */
export function createTensorEngine(
  { optimizer, clipNorm }: EngineSpec,
  engine: string,
  source: GradientSource,
  algebra: Algebra<Tensor>,
): TrainingEngine {
  const names = updateRule(optimizer).slots;
  const trained = (): readonly Tensor[] => source.parameters().slice(0, source.trainable);
  let slots: readonly (readonly Tensor[])[] = names.map(() => {
    return trained().map(({ shape, size }) => tensor(new Float32Array(size), shape));
  });
  let step = 0;

  return {
    name: engine,
    step(batch, { learningRate, measure }) {
      const { gradients, residuals } = source.gradients(batch, step + 1);
      const updated = tidy(() =>
        updateParameters(algebra, optimizer, { weights: trained(), slots }, gradients, {
          step: step + 1,
          learningRate,
          clipNorm,
        }),
      );
      source.replace(updated.weights);
      dispose([...slots.flat(), ...gradients]);
      ({ slots } = updated);
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
      // Copies: the cpu backend keeps the arrays it is given.
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
