import type { Activation, NetworkAlgebra } from "../../../model/index.js";
import type { Algebra } from "../../optimizers/index.js";
import type { Graph, Value } from "./graph.js";

/**
 * The optimisers' algebra whose results are values of a graph: evaluating equations in it adds their
 * operations to the graph. Plain numbers, which may differ from step to step, become inputs.
 *
 * @param nextNumber the input of the next plain number, in the order in which the equations name them
 */
export function graphAlgebra(graph: Graph, nextNumber: () => Value): Algebra<Value> {
  const value = (operand: Value | number): Value =>
    typeof operand === "number" ? nextNumber() : operand;
  const binary =
    (operation: string) =>
    (a: Value | number, b: Value | number): Value =>
      graph.add(operation, [value(a), value(b)]);
  return {
    add: binary("AddV2"),
    subtract: binary("Sub"),
    multiply: binary("Mul"),
    divide: binary("RealDiv"),
    minimum: binary("Minimum"),
    squareRoot: (a) => graph.add("Sqrt", [a]),
    sum: (a) => {
      const flat = graph.add("Reshape", [a, graph.integers([-1])], { Tshape: "int32" });
      return graph.add("Sum", [flat, graph.integer(0)], { Tidx: "int32", keep_dims: false });
    },
  };
}

/** What stands for a value where only the plain numbers beside it matter. */
export type Unknown = null;

/** The algebra that computes nothing and appends the equations' plain numbers to `numbers`, in their order. */
export function numberCollector(numbers: number[]): Algebra<Unknown> {
  const collect = (a: Unknown | number, b: Unknown | number): Unknown => {
    if (a !== null) numbers.push(a);
    if (b !== null) numbers.push(b);
    return null;
  };
  return {
    add: collect,
    subtract: collect,
    multiply: collect,
    divide: collect,
    minimum: collect,
    squareRoot: () => null,
    sum: () => null,
  };
}

/** TensorFlow's operation of each activation, that of its gradient, and the order of the latter's inputs. */
const ACTIVATIONS: Readonly<
  Record<Activation, { apply: string; gradient: string; first: "delta" | "outputs" } | undefined>
> = {
  linear: undefined,
  relu: { apply: "Relu", gradient: "ReluGrad", first: "delta" },
  tanh: { apply: "Tanh", gradient: "TanhGrad", first: "outputs" },
  sigmoid: { apply: "Sigmoid", gradient: "SigmoidGrad", first: "outputs" },
};

/** Networks as values of a graph. */
export function graphNetworkAlgebra(graph: Graph): NetworkAlgebra<Value> {
  const product = (a: Value, b: Value, transposed?: "a" | "b"): Value =>
    graph.add("MatMul", [a, b], {
      transpose_a: transposed === "a",
      transpose_b: transposed === "b",
    });
  return {
    subtract: (a, b) => graph.add("Sub", [a, b]),
    scale: (a, b) => graph.add("Mul", [a, b]),
    product: (a, b) => product(a, b),
    transposedProduct: (a, b) => product(a, b, "a"),
    productTransposed: (a, b) => product(a, b, "b"),
    addBias: (values, bias) => graph.add("BiasAdd", [values, bias]),
    sumRows: (values) => graph.add("BiasAddGrad", [values]),
    activate(activation, values) {
      const operations = ACTIVATIONS[activation];
      return operations === undefined ? values : graph.add(operations.apply, [values]);
    },
    activationGradient(activation, delta, outputs) {
      const operations = ACTIVATIONS[activation];
      if (operations === undefined) return delta;
      const inputs = operations.first === "delta" ? [delta, outputs] : [outputs, delta];
      return graph.add(operations.gradient, inputs);
    },
  };
}
