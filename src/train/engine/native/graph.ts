import type { Attribute, GraphNode } from "./saved-model.js";

/** A value in a graph under construction: the name of the output that it is. */
export type Value = string;

/** A graph of TensorFlow's operations under construction; its numbers are float32 unless it is said. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** An operation on values of one type, `T`. */
  add(operation: string, inputs: readonly Value[], attributes?: GraphNode["attributes"]): Value;
  /** A value that every run is given, by the same name. */
  given(name: string, type?: "float32" | "int32"): Value;
  /** A single whole number, int32. */
  whole(value: number): Value;
  /** A vector of whole numbers, int32. */
  wholes(values: readonly number[]): Value;
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
  /** The name tells the operation, for whoever reads a message of TensorFlow's. */
  const name = (operation: string): string => `${operation}_${nodes.length}`;
  const constant = (value: Attribute): Value =>
    append(name("Const"), "Const", [], { dtype: "int32", value });
  return {
    nodes,
    add: (operation, inputs, attributes = {}) =>
      append(name(operation), operation, inputs, { T: "float32", ...attributes }),
    given: (given, type = "float32") => append(given, "Placeholder", [], { dtype: type }),
    whole: (scalar) => constant({ scalar }),
    wholes: (vector) => constant({ vector }),
  };
}
