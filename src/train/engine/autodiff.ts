import {
  add,
  dispose,
  keep,
  mean,
  square,
  sub,
  tidy,
  variableGrads,
  zerosLike,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { layersOf, uploadBatch } from "../../model/index.js";
import { seedDropout } from "./dropout.js";
import type { GradientSource } from "../../model/index.js";

type LayerWeights = LayersModel["weights"];

/**
 * Gradients by tfjs's automatic differentiation of a LayersModel that takes D features and makes one
 * prediction. Weights that are not trained (moving averages, say) follow the trained ones. What the
 * model's regularizers add to the loss is in the gradients, not in the residuals.
 *
 * @param model disposed of with the source
 * @param training whether layers do what they do in training only, drawing from this seed
 */
export function autodiffGradients(
  model: LayersModel,
  training: { seed: number } | undefined,
): GradientSource {
  const features = model.inputs[0]?.shape.at(-1) ?? 0;
  const trained = variablesOf(model.trainableWeights);
  const variables = [...trained, ...variablesOf(model.nonTrainableWeights)];
  const seedDraws = training === undefined ? undefined : seedDropout(model, training.seed);
  const penalized = layersOf(model).filter(({ losses }) => losses.length > 0);
  return {
    trainable: trained.length,
    gradients(batch, step) {
      seedDraws?.(step);
      const { x, y } = uploadBatch(batch, features);
      let residuals: Tensor2D | undefined;
      const { value, grads } = variableGrads(() => {
        const predictions = model.apply(x, { training: training !== undefined }) as Tensor2D;
        residuals = keep(sub(predictions, y));
        const penalties = penalized.flatMap((layer) => layer.calculateLosses());
        return penalties.reduce<Scalar>(
          (sum, penalty) => add(sum, penalty),
          mean(square(residuals)) as Scalar,
        );
      }, trained);
      dispose([x, y, value]);
      // A weight on which the prediction does not depend has no gradient.
      const found = trained.map((variable) => grads[variable.name] ?? zerosLike(variable));
      return { gradients: found, residuals: residuals! };
    },
    parameters: () => variables,
    replace(parameters) {
      tidy(() => {
        for (const [index, values] of parameters.entries()) variables[index]!.assign(values);
      });
      dispose([...parameters]);
    },
    dispose() {
      model.dispose();
    },
  };
}

/** A layer's `read` hands out the variable itself, whose type is the wider Tensor. */
function variablesOf(weights: LayerWeights): Variable[] {
  return weights.map((weight) => weight.read() as Variable);
}
