import { add, matMul, mul, sub, sum, transpose } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { ACTIVATIONS } from "./activation.js";
import { denseGradients } from "./gradients.js";
import type { BatchGradients, GradientSource } from "./gradients.js";
import type { DenseNetwork } from "./types.js";

/**
 * Backpropagation (Rumelhart, Hinton and Williams 1986) of the mean squared error through dense
 * layers, written in tensor operations. It avoids what is slow on the WebAssembly backend: the
 * transposing flags of matMul (a transpose of its own is several times faster), comparisons and
 * casts, and reading the loss back each step.
 */
export function explicitGradients(network: DenseNetwork): GradientSource {
  return denseGradients(network, (parameters, x, y) => backpropagate(network, parameters, x, y));
}

/**
 * What every layer makes of x, first to last. Call it within tidy.
 *
 * @param parameters as `uploadParameters` gives them
 */
export function layerOutputs(
  network: DenseNetwork,
  parameters: readonly Tensor[],
  x: Tensor2D,
): Tensor2D[] {
  const outputs: Tensor2D[] = [];
  let values = x;
  let at = 0;
  for (const layer of network) {
    values = matMul(values, parameters[at++] as Tensor2D);
    if (layer.bias !== undefined) values = add(values, parameters[at++]!);
    values = ACTIVATIONS[layer.activation].apply(values);
    outputs.push(values);
  }
  return outputs;
}

/** Gradients of mean((prediction − y)²) in every parameter. Call it within tidy. */
function backpropagate(
  network: DenseNetwork,
  parameters: readonly Tensor[],
  x: Tensor2D,
  y: Tensor2D,
): BatchGradients {
  const outputs = layerOutputs(network, parameters, x);
  const residuals: Tensor2D = sub(outputs.at(-1)!, y);

  const gradients: Tensor[] = [];
  /** The loss's gradient in the output of the layer at hand. */
  let delta: Tensor2D = mul(residuals, 2 / x.shape[0]);
  let at = parameters.length;
  for (let index = network.length - 1; index >= 0; index--) {
    const layer = network[index]!;
    delta = ACTIVATIONS[layer.activation].backward(delta, outputs[index]!);
    if (layer.bias !== undefined) {
      gradients.unshift(sum(delta, 0));
      at--;
    }
    gradients.unshift(transposedProduct(index === 0 ? x : outputs[index - 1]!, delta));
    at--;
    if (index > 0) delta = matMul(delta, transpose(parameters[at] as Tensor2D));
  }
  return { gradients, residuals };
}

/**
 * aᵀ·b of two matrices with many rows. The narrower one goes right, since the WebAssembly backend
 * first packs the right matrix of a product.
 */
function transposedProduct(a: Tensor2D, b: Tensor2D): Tensor2D {
  return a.shape[1] >= b.shape[1] ? matMul(transpose(a), b) : transpose(matMul(transpose(b), a));
}
