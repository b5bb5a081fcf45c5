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
 * Gradients by tfjs's automatic differentiation of a LayersModel that maps D features to one prediction.
 * Parameters that are not trained, such as moving averages, follow the trained ones. The gradients include
 * the model's regularizers, the residuals do not.
 *
 * @param model disposed of with the source
 * @param training the seed of random layers; undefined: layers behave as in prediction
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

/** `read` returns the variable itself, though its type is the wider Tensor. */
function variablesOf(weights: LayerWeights): Variable[] {
  return weights.map((weight) => weight.read() as Variable);
}
