import { dispose, matMul, mul, relu, step, sub, tidy, transpose } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { uploadBatch, uploadWeights } from "./gradients.js";
import type { BatchGradients, GradientEngine } from "./gradients.js";
import type { DenseNetwork } from "./types.js";

/**
 * Backpropagation (Rumelhart, Hinton and Williams 1986) of the mean squared error through dense
 * layers, written in tensor operations. It avoids what is slow on the WebAssembly backend: the
 * transposing flags of matMul (a transpose of its own is several times faster), comparisons and
 * casts (the ReLU's gradient is a multiplication with `step`), and reading the loss back each step.
 */
export function explicitEngine(network: DenseNetwork): GradientEngine {
  const features = network[0]!.inputs;
  let current = uploadWeights(network);
  return {
    gradients(batch) {
      return tidy(() => {
        const { x, y } = uploadBatch(batch, features);
        const { gradients, residuals } = backpropagate(network, current, x, y);
        return { gradients, residuals };
      });
    },
    weights: () => current,
    replace(weights) {
      dispose(current);
      current = [...weights];
    },
    dispose() {
      dispose(current);
    },
  };
}

/** Gradients of mean((prediction − y)²) in every layer's weights. Call it within tidy. */
function backpropagate(
  network: DenseNetwork,
  weights: readonly Tensor2D[],
  x: Tensor2D,
  y: Tensor2D,
): BatchGradients {
  /** The input of each layer, and at the end the prediction. */
  const activations: Tensor2D[] = [x];
  for (const [index, layer] of network.entries()) {
    const product: Tensor2D = matMul(activations[index]!, weights[index]!);
    activations.push(layer.activation === "relu" ? relu(product) : product);
  }
  const residuals: Tensor2D = sub(activations.at(-1)!, y);

  const gradients: Tensor2D[] = [];
  /** The loss's gradient in the output of the layer at hand. */
  let delta: Tensor2D = mul(residuals, 2 / x.shape[0]);
  for (let index = network.length - 1; index >= 0; index--) {
    if (network[index]!.activation === "relu") delta = mul(delta, step(activations[index + 1]!));
    gradients.unshift(transposedProduct(activations[index]!, delta));
    if (index > 0) delta = matMul(delta, transpose(weights[index]!));
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
