import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { denseGradients } from "../../../model/index.js";
import type {
  BatchGradients,
  GradientSource,
  Activation,
  DenseNetwork,
} from "../../../model/index.js";
import { nodeOperations, type Operations } from "./operations.js";

type Apply = (of: Operations, values: Tensor2D) => Tensor2D;
type Backward = (of: Operations, delta: Tensor2D, outputs: Tensor2D) => Tensor2D;

const ACTIVATIONS: Readonly<Record<Activation, { apply: Apply; backward: Backward }>> = {
  linear: { apply: (_, values) => values, backward: (_, delta) => delta },
  relu: {
    apply: (of, values) => of.relu(values),
    backward: (of, delta, outputs) => of.reluGradient(delta, outputs),
  },
  tanh: {
    apply: (of, values) => of.tanh(values),
    backward: (of, delta, outputs) => of.tanhGradient(delta, outputs),
  },
  sigmoid: {
    apply: (of, values) => of.sigmoid(values),
    backward: (of, delta, outputs) => of.sigmoidGradient(delta, outputs),
  },
};

/**
 * Backpropagation (Rumelhart, Hinton and Williams 1986) of the mean squared error through dense
 * layers, in TensorFlow's own kernels on tfjs-node.
 */
export function nativeGradients(network: DenseNetwork): GradientSource {
  const of = nodeOperations();
  return denseGradients(network, (parameters, x, y) =>
    backpropagate(of, network, parameters, x, y),
  );
}

/** Gradients of mean((prediction − y)²) in every parameter. */
function backpropagate(
  of: Operations,
  network: DenseNetwork,
  parameters: readonly Tensor[],
  x: Tensor2D,
  y: Tensor2D,
): BatchGradients {
  const inputs: Tensor2D[] = [x];
  let at = 0;
  for (const [index, layer] of network.entries()) {
    let values = of.matMul(inputs[index]!, parameters[at++] as Tensor2D, false, false);
    if (layer.bias !== undefined) values = of.addBias(values, parameters[at++]!);
    inputs.push(ACTIVATIONS[layer.activation].apply(of, values));
  }
  const residuals = of.subtract(inputs.at(-1)!, y) as Tensor2D;

  const gradients: Tensor[] = [];
  /** The loss's gradient in the output of the layer at hand. */
  let delta = of.multiply(residuals, 2 / x.shape[0]) as Tensor2D;
  for (let index = network.length - 1; index >= 0; index--) {
    const layer = network[index]!;
    delta = ACTIVATIONS[layer.activation].backward(of, delta, inputs[index + 1]!);
    if (layer.bias !== undefined) {
      gradients.unshift(of.sumRows(delta));
      at--;
    }
    gradients.unshift(of.matMul(inputs[index]!, delta, true, false));
    at--;
    if (index > 0) delta = of.matMul(delta, parameters[at] as Tensor2D, false, true);
  }
  return { gradients, residuals };
}
