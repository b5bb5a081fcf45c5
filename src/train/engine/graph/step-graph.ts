import { backpropagate } from "../../../model/index.js";
import type { DenseNetwork } from "../../../model/index.js";
import { updateParameters, updateRule } from "../../optimizers/index.js";
import type { OptimizerSettings } from "../../optimizers/index.js";
import { graphAlgebra, graphNetworkAlgebra, numberCollector, type Unknown } from "./algebra.js";
import { emptyGraph, outputsOf, type Graph, type Value } from "./graph.js";
import type { GraphNode } from "./saved-model.js";

/** What a step's graph is made from. */
export interface StepSpec {
  network: DenseNetwork;
  optimizer: OptimizerSettings;
  clipNorm: number | undefined;
}

/** A graph of one step of an optimiser, with the names of its inputs and outputs. */
export interface StepGraph {
  nodes: readonly GraphNode[];
  /**
   * Features, targets, the numbers of `stepNumbers`, the rows of each microbatch (int32), parameters,
   * slots.
   */
  inputs: string[];
  /** The residuals, then new parameters and slots in the order of the inputs. */
  outputs: string[];
}

/** The inputs of a step's graph. */
interface Inputs {
  x: Value;
  y: Value;
  numbers: Value;
  lengths: Value;
  parameters: Value[];
  slots: Value[][];
}

/**
 * One step of an optimiser on the mean squared error of dense layers, as one graph. TensorFlow computes
 * the microbatches side by side, and the values of a microbatch fit a core's cache. Their gradients are
 * added in the order of the microbatches.
 */
export function stepGraph(spec: StepSpec, microbatches: number): StepGraph {
  const { network, optimizer, clipNorm } = spec;
  const graph = emptyGraph();
  const inputs = addInputs(graph, spec);
  const { x, y, lengths, parameters, slots } = inputs;
  const count = stepNumbers(spec, { rows: 1, step: 1, learningRate: 1 }).length;
  const unpacked = graph.add("Unpack", [inputs.numbers], { num: count, axis: 0 });
  const [factor = "", ...numbers] = outputsOf(unpacked, count);
  const { gradients, residuals } = batchGradients(graph, network, inputs, factor, microbatches);
  const updated = updateParameters(
    graphAlgebra(graph, () => numbers.shift()!),
    optimizer,
    { weights: parameters, slots },
    gradients,
    { step: 1, learningRate: 1, clipNorm },
  );
  return {
    nodes: graph.nodes,
    inputs: [x, y, inputs.numbers, lengths, ...parameters, ...slots.flat()],
    outputs: [residuals, ...updated.weights, ...updated.slots.flat()],
  };
}

function addInputs(graph: Graph, { network, optimizer }: StepSpec): Inputs {
  const parameters = network.flatMap(({ bias }, index) => {
    const weights = graph.input(`weights_${index}`);
    return bias === undefined ? [weights] : [weights, graph.input(`bias_${index}`)];
  });
  return {
    x: graph.input("x"),
    y: graph.input("y"),
    numbers: graph.input("numbers"),
    lengths: graph.input("lengths", "int32"),
    parameters,
    slots: updateRule(optimizer).slots.map((slot) =>
      parameters.map((parameter) => graph.input(`${slot}_${parameter}`)),
    ),
  };
}

/** The gradients of a batch, summed over its microbatches, and its residuals. */
function batchGradients(
  graph: Graph,
  network: DenseNetwork,
  { x, y, lengths, parameters }: Inputs,
  factor: Value,
  count: number,
): { gradients: Value[]; residuals: Value } {
  const of = graphNetworkAlgebra(graph);
  if (count === 1) return backpropagate(of, network, { parameters, x, y, factor });
  const split = (rows: Value): Value[] => {
    const attributes = { num_split: count, Tlen: "int32" } as const;
    return outputsOf(graph.add("SplitV", [rows, lengths, graph.integer(0)], attributes), count);
  };
  const [xs, ys] = [split(x), split(y)];
  const each = xs.map((rows, at) =>
    backpropagate(of, network, { parameters, x: rows, y: ys[at]!, factor }),
  );
  const residuals = [...each.map((one) => one.residuals), graph.integer(0)];
  return {
    gradients: parameters.map((_, parameter) => {
      const summands = each.map(({ gradients }) => gradients[parameter]!);
      return graph.add("AddN", summands, { N: count });
    }),
    residuals: graph.add("ConcatV2", residuals, { N: count, Tidx: "int32" }),
  };
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
