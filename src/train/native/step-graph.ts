import type { Activation, DenseNetwork } from "../types.js";
import { PLACEHOLDER, type GraphNode } from "./saved-model.js";

/** A graph of TensorFlow operations and what goes into and comes out of a run of it. */
export interface StepGraph {
  nodes: GraphNode[];
  /** Names of what is given: features, targets, the loss's factor 2 / rows, then the parameters, then zeros. */
  inputs: string[];
  /** Lengths of the vectors of zeros. */
  zeros: number[];
  /** Names of what is asked for: the residuals, then the gradients in the order of the parameters. */
  outputs: string[];
}

/** The operation of each activation, that of its gradient, and which of that one's inputs comes first. */
const ACTIVATIONS: Readonly<
  Record<Activation, { apply: string; backward: string; first: "delta" | "outputs" } | undefined>
> = {
  linear: undefined,
  relu: { apply: "Relu", backward: "ReluGrad", first: "delta" },
  tanh: { apply: "Tanh", backward: "TanhGrad", first: "outputs" },
  sigmoid: { apply: "Sigmoid", backward: "SigmoidGrad", first: "outputs" },
};

/**
 * Backpropagation (Rumelhart, Hinton and Williams 1986) of the mean squared error through dense
 * layers, as one graph.
 */
export function stepGraph(network: DenseNetwork): StepGraph {
  const nodes: GraphNode[] = [];
  const add = (
    name: string,
    operation: string,
    inputs: readonly string[],
    flags: Readonly<Record<string, boolean>> = {},
  ): string => {
    nodes.push({ name, operation, inputs, flags });
    return name;
  };
  const given = (name: string): string => add(name, PLACEHOLDER, []);
  const product = (
    name: string,
    a: string,
    b: string,
    transpose: { a?: boolean; b?: boolean } = {},
  ): string =>
    add(name, "MatMul", [a, b], {
      transpose_a: transpose.a ?? false,
      transpose_b: transpose.b ?? false,
    });

  const [x, y, factor] = [given("x"), given("y"), given("factor")];
  const parameters: string[] = [];
  const zeros: { name: string; length: number }[] = [];
  /** What goes into each layer, and what comes out of the last. */
  const values = [x];
  for (const [index, { bias, activation, outputs }] of network.entries()) {
    const weights = given(`weights_${index}`);
    parameters.push(weights);
    let output = product(`product_${index}`, values[index]!, weights);
    const how = ACTIVATIONS[activation];
    if (bias !== undefined) {
      const biases = given(`bias_${index}`);
      parameters.push(biases);
      output = add(`biased_${index}`, "BiasAdd", [output, biases]);
    } else if (activation === "relu") {
      // TensorFlow makes one kernel of a product, a bias and ReLU, but not of the other two alone.
      const name = given(`zeros_${index}`);
      zeros.push({ name, length: outputs });
      output = add(`biased_${index}`, "BiasAdd", [output, name]);
    }
    values.push(how === undefined ? output : add(`output_${index}`, how.apply, [output]));
  }
  const residuals = add("residuals", "Sub", [values.at(-1)!, y]);

  const gradients: string[] = [];
  /** The loss's gradient in the output of the layer at hand. */
  let delta = add("delta", "Mul", [residuals, factor]);
  for (let index = network.length - 1; index >= 0; index--) {
    const { bias, activation } = network[index]!;
    const how = ACTIVATIONS[activation];
    if (how !== undefined) {
      const output = values[index + 1]!;
      const inputs = how.first === "delta" ? [delta, output] : [output, delta];
      delta = add(`before_${index}`, how.backward, inputs);
    }
    if (bias !== undefined)
      gradients.unshift(add(`bias_gradient_${index}`, "BiasAddGrad", [delta]));
    gradients.unshift(product(`gradient_${index}`, values[index]!, delta, { a: true }));
    if (index > 0) delta = product(`delta_${index}`, delta, `weights_${index}`, { b: true });
  }
  return {
    nodes,
    inputs: [x, y, factor, ...parameters, ...zeros.map(({ name }) => name)],
    zeros: zeros.map(({ length }) => length),
    outputs: [residuals, ...gradients],
  };
}
