import { dispose, keep, mean, square, sub, tidy, variableGrads } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { uploadBatch } from "./gradients.js";
import type { GradientSource } from "./gradients.js";

type LayerWeights = LayersModel["weights"];

/**
 * Gradients by tfjs's automatic differentiation of a LayersModel that takes D features and makes one
 * prediction. Weights that are not trained (moving averages, say) follow the trained ones.
 *
 * @param owned whether the model is disposed of with the source
 */
export function autodiffGradients(model: LayersModel, owned: boolean): GradientSource {
  const features = featuresOf(model);
  const trained = variablesOf(model.trainableWeights);
  const variables = [...trained, ...variablesOf(model.nonTrainableWeights)];
  return {
    trainable: trained.length,
    gradients(batch) {
      const { x, y } = uploadBatch(batch, features);
      let residuals: Tensor2D | undefined;
      const { value, grads } = variableGrads(() => {
        const difference: Tensor2D = sub(model.apply(x, { training: true }) as Tensor2D, y);
        residuals = keep(difference);
        return mean(square(difference)) as Scalar;
      }, trained);
      dispose([x, y, value]);
      return { gradients: trained.map(({ name }) => grads[name]!), residuals: residuals! };
    },
    parameters: () => variables,
    replace(parameters) {
      tidy(() => {
        for (const [index, values] of parameters.entries()) variables[index]!.assign(values);
      });
      dispose([...parameters]);
    },
    dispose() {
      if (owned) model.dispose();
    },
  };
}

/** A layer's `read` hands out the variable itself, whose type is the wider Tensor. */
function variablesOf(weights: LayerWeights): Variable[] {
  return weights.map((weight) => weight.read() as Variable);
}

/** D, the length of the model's only input. */
export function featuresOf(model: LayersModel): number {
  return model.inputs[0]?.shape.at(-1) ?? 0;
}
