import { dispose, keep, mean, square, sub, tidy, variableGrads } from "@tensorflow/tfjs-core";
import type { Rank, Scalar, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import { uploadBatch } from "./gradients.js";
import type { GradientEngine } from "./gradients.js";
import { networkToModel } from "./layers-model.js";
import type { DenseNetwork } from "./types.js";

/** Gradients by tfjs's automatic differentiation of the network as a LayersModel. */
export function autodiffEngine(network: DenseNetwork): GradientEngine {
  const features = network[0]!.inputs;
  const model = networkToModel(network);
  // A layer's `read` hands out the variable itself, whose type is the wider Tensor.
  const variables = model.trainableWeights.map((weight) => weight.read() as Variable<Rank.R2>);
  return {
    gradients(batch) {
      const { x, y } = uploadBatch(batch, features);
      let residuals: Tensor2D | undefined;
      const { value, grads } = variableGrads(() => {
        const difference: Tensor2D = sub(model.apply(x) as Tensor2D, y);
        residuals = keep(difference);
        return mean(square(difference)) as Scalar;
      }, variables);
      dispose([x, y, value]);
      return {
        gradients: variables.map((variable) => grads[variable.name] as Tensor2D),
        residuals: residuals!,
      };
    },
    weights: () => variables,
    replace(weights) {
      tidy(() => {
        for (const [index, variable] of variables.entries()) variable.assign(weights[index]!);
      });
      dispose([...weights]);
    },
    dispose() {
      model.dispose();
    },
  };
}
