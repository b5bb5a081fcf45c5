import type { Algebra } from "../../optimizers/index.js";
import { type Graph, type Value } from "./graph.js";

/**
 * The algebra whose results are values of a graph: evaluating equations in it adds their operations.
 * Plain numbers, which may be others at every step, become values that a run is given.
 *
 * @param number the value of the next plain number, in the order in which the equations name them
 */
export function graphAlgebra(graph: Graph, number: () => Value): Algebra<Value> {
  const value = (operand: Value | number): Value =>
    typeof operand === "number" ? number() : operand;
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
      const flat = graph.add("Reshape", [a, graph.wholes([-1])], { Tshape: "int32" });
      return graph.add("Sum", [flat, graph.whole(0)], { Tidx: "int32", keep_dims: false });
    },
  };
}

/** What an algebra's values are where only the plain numbers beside them count. */
export type Unknown = null;

/** The algebra that computes nothing but tells the plain numbers of the equations, in the same order. */
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
