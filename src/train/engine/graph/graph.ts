import type { Attribute, GraphNode } from "./saved-model.js";

/** A value in a graph under construction: the name of the output that it is. */
export type Value = string;

/** A graph of TensorFlow operations under construction. Values are float32 unless stated. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** An operation on values of one type, `T`. */
  add(operation: string, inputs: readonly Value[], attributes?: GraphNode["attributes"]): Value;
  /** A value that every run of the graph is given, under this name. */
  input(name: string, type?: "float32" | "int32"): Value;
  /** An int32 constant. */
  integer(value: number): Value;
  /** A vector of int32 constants. */
  integers(values: readonly number[]): Value;
}

/** The outputs of an operation that has several. */
export function outputsOf(value: Value, count: number): Value[] {
  return Array.from({ length: count }, (_, output) =>
    output === 0 ? value : `${value}:${output}`,
  );
}

export function emptyGraph(): Graph {
  const nodes: GraphNode[] = [];
  function append(
    name: string,
    operation: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
  ): Value {
    nodes.push({ name, operation, inputs, attributes });
    return name;
  }
  /** Names begin with the operation, so that TensorFlow's messages can be read. */
  const name = (operation: string): string => `${operation}_${nodes.length}`;
  const constant = (value: Attribute): Value =>
    append(name("Const"), "Const", [], { dtype: "int32", value });
  return {
    nodes,
    add: (operation, inputs, attributes = {}) =>
      append(name(operation), operation, inputs, { T: "float32", ...attributes }),
    input: (input, type = "float32") => append(input, "Placeholder", [], { dtype: type }),
    integer: (scalar) => constant({ scalar }),
    integers: (vector) => constant({ vector }),
  };
}
