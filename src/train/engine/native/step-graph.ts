import { updateParameters, updateRule } from "../../optimizers/index.js";
import type { OptimizerSettings } from "../../optimizers/index.js";
import type { Activation, DenseNetwork } from "../../../model/index.js";
import { emptyGraph, outputsOf, type Graph, type Value } from "./graph.js";
import { graphAlgebra, numberCollector, type Unknown } from "./graph-algebra.js";
import type { GraphNode } from "./saved-model.js";

/** What a step's graph is made from. */
export interface StepSpec {
  network: DenseNetwork;
  optimizer: OptimizerSettings;
  clipNorm: number | undefined;
}

/** A graph of one step of an optimiser, and what goes into and comes out of a run of it. */
export interface StepGraph {
  nodes: readonly GraphNode[];
  /**
   * Names of what is given: features, targets, the numbers of `stepNumbers`, the parts' lengths in
   * rows (int32), parameters, slots, then zeros.
   */
  inputs: string[];
  /** What is asked for: the residuals, then new parameters and slots, in the order of those given. */
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

/** Lengths of the vectors of zeros that a network's graph is given. */
export function zerosOf(network: DenseNetwork): number[] {
  return network.filter(needsZeros).map(({ outputs }) => outputs);
}

/** TensorFlow makes one kernel of a product, a bias and ReLU, but not of the other two alone. */
function needsZeros({ bias, activation }: DenseNetwork[number]): boolean {
  return bias === undefined && activation === "relu";
}

/** The plain numbers in a step's equations: the loss's factor 2 / rows, then those of the update. */
export function stepNumbers(
  { network, optimizer, clipNorm }: StepSpec,
  { rows, step, learningRate }: { rows: number; step: number; learningRate: number },
): number[] {
  const numbers = [2 / rows];
  const unknown = network.flatMap(({ bias }): Unknown[] =>
    bias === undefined ? [null] : [null, null],
  );
  updateParameters(
    numberCollector(numbers),
    optimizer,
    { weights: unknown, slots: updateRule(optimizer).slots.map(() => unknown) },
    unknown,
    { step, learningRate, clipNorm },
  );
  return numbers;
}

/**
 * One step of an optimiser on the mean squared error of dense layers, as one graph. The batch is cut
 * into parts of rows, which do not wait for each other: TensorFlow computes them side by side, and what
 * a part's kernels leave for each other fits a core's cache. Their gradients are added in the order
 * of the parts.
 */
export function stepGraph(spec: StepSpec, parts: number): StepGraph {
  const { network, optimizer, clipNorm } = spec;
  const graph = emptyGraph();
  const [x, y] = [graph.given("x"), graph.given("y")];
  const told = graph.given("numbers");
  const lengths = graph.given("lengths", "int32");
  const parameters = network.flatMap(({ bias }, index) => {
    const weights = graph.given(`weights_${index}`);
    return bias === undefined ? [weights] : [weights, graph.given(`bias_${index}`)];
  });
  const slots = updateRule(optimizer).slots.map((slot) =>
    parameters.map((parameter) => graph.given(`${slot}_${parameter}`)),
  );
  const zeros = network.map((layer, index) =>
    needsZeros(layer) ? graph.given(`zeros_${index}`) : undefined,
  );

  const count = stepNumbers(spec, { rows: 1, step: 1, learningRate: 1 }).length;
  const numbers = outputsOf(graph.add("Unpack", [told], { num: count, axis: 0 }), count);
  const factor = numbers.shift()!;

  const split = (whole: Value): Value[] => {
    if (parts === 1) return [whole];
    const attributes = { num_split: parts, Tlen: "int32" } as const;
    const inputs = [whole, lengths, graph.whole(0)];
    return outputsOf(graph.add("SplitV", inputs, attributes), parts);
  };
  const [xs, ys] = [split(x), split(y)];
  const found = xs.map((part, index) =>
    backpropagate(graph, network, { parameters, zeros, factor, x: part, y: ys[index]! }),
  );
  const gradients = parameters.map((_, parameter) => {
    const each = found.map((part) => part.gradients[parameter]!);
    return parts === 1 ? each[0]! : graph.add("AddN", each, { N: parts });
  });
  const residuals =
    parts === 1
      ? found[0]!.residuals
      : graph.add("ConcatV2", [...found.map((part) => part.residuals), graph.whole(0)], {
          N: parts,
          Tidx: "int32",
        });

  const updated = updateParameters(
    graphAlgebra(graph, () => numbers.shift()!),
    optimizer,
    { weights: parameters, slots },
    gradients,
    { step: 1, learningRate: 1, clipNorm },
  );
  return {
    nodes: graph.nodes,
    inputs: [
      x,
      y,
      told,
      lengths,
      ...parameters,
      ...slots.flat(),
      ...zeros.filter((name) => name !== undefined),
    ],
    outputs: [residuals, ...updated.weights, ...updated.slots.flat()],
  };
}

/**
 * Backpropagation (Rumelhart, Hinton and Williams 1986) through dense layers: residuals of some rows and
 * their share of the loss's gradients, in the order of the parameters.
 */
function backpropagate(
  graph: Graph,
  network: DenseNetwork,
  given: {
    parameters: readonly Value[];
    /** One for each layer that needs them. */
    zeros: readonly (Value | undefined)[];
    factor: Value;
    x: Value;
    y: Value;
  },
): { residuals: Value; gradients: Value[] } {
  const { parameters, zeros, factor, x, y } = given;
  const product = (a: Value, b: Value, transpose: { a?: boolean; b?: boolean } = {}): Value =>
    graph.add("MatMul", [a, b], {
      transpose_a: transpose.a ?? false,
      transpose_b: transpose.b ?? false,
    });

  /** What goes into each layer, and what comes out of the last. */
  const values = [x];
  let at = 0;
  for (const [index, { bias, activation }] of network.entries()) {
    let output = product(values[index]!, parameters[at++]!);
    const biases = bias === undefined ? zeros[index] : parameters[at++];
    if (biases !== undefined) output = graph.add("BiasAdd", [output, biases]);
    const how = ACTIVATIONS[activation];
    values.push(how === undefined ? output : graph.add(how.apply, [output]));
  }
  const residuals = graph.add("Sub", [values.at(-1)!, y]);

  const gradients: Value[] = [];
  /** The loss's gradient in the output of the layer at hand. */
  let delta = graph.add("Mul", [residuals, factor]);
  for (let index = network.length - 1; index >= 0; index--) {
    const { bias, activation } = network[index]!;
    const how = ACTIVATIONS[activation];
    if (how !== undefined) {
      const output = values[index + 1]!;
      const inputs = how.first === "delta" ? [delta, output] : [output, delta];
      delta = graph.add(how.backward, inputs);
    }
    at -= bias === undefined ? 1 : 2;
    if (bias !== undefined) gradients.unshift(graph.add("BiasAddGrad", [delta]));
    gradients.unshift(product(values[index]!, delta, { a: true }));
    if (index > 0) delta = product(delta, parameters[at]!, { b: true });
  }
  return { residuals, gradients };
}
