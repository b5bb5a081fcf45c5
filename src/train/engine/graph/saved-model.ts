import { PbfWriter } from "pbf";

/** Types of a graph's values, by their numbers in TensorFlow's types.proto. */
const TYPES = { float32: 1, int32: 3 } as const;

/** An attribute of an operation: a boolean, an integer, a type, or a constant. */
export type Attribute = boolean | number | keyof typeof TYPES | Constant;

/** A vector of int32 numbers, or a single one. */
export type Constant = { vector: readonly number[] } | { scalar: number };

/**
 * A node of a graph. An input is a node's name, which means its first output, or NAME:1 for its second,
 * and so on.
 */
export interface GraphNode {
  name: string;
  /** The operation's name in TensorFlow. */
  operation: string;
  inputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

/** The tag of the graph in the file. */
export const GRAPH_TAG = "serve";

/** The version of the operations' semantics: that of TensorFlow 2.12, which later ones support. */
const PRODUCER = 1395;

type WriteMessage = (writer: PbfWriter) => void;

function message(writer: PbfWriter, tag: number, write: WriteMessage): void {
  writer.writeMessage(tag, (_: undefined, inner) => write(inner), undefined);
}

/** A TensorProto of tensor.proto. */
function writeConstant(writer: PbfWriter, constant: Constant): void {
  writer.writeVarintField(1, TYPES.int32);
  message(writer, 2, (shape) => {
    if (!("vector" in constant)) return;
    message(shape, 2, (dimension) => dimension.writeVarintField(1, constant.vector.length));
  });
  const numbers = "vector" in constant ? constant.vector : [constant.scalar];
  for (const value of numbers) writer.writeVarintField(7, value);
}

/** An AttrValue of attr_value.proto. */
function writeAttribute(writer: PbfWriter, value: Attribute): void {
  if (typeof value === "boolean") writer.writeBooleanField(5, value);
  else if (typeof value === "number") writer.writeVarintField(3, value);
  else if (typeof value === "string") writer.writeVarintField(6, TYPES[value]);
  else message(writer, 8, (tensor) => writeConstant(tensor, value));
}

/** A NodeDef of node_def.proto. */
function writeNode(writer: PbfWriter, { name, operation, inputs, attributes }: GraphNode): void {
  writer.writeStringField(1, name);
  writer.writeStringField(2, operation);
  for (const input of inputs) writer.writeStringField(3, input);
  for (const [key, value] of Object.entries(attributes)) {
    // An entry of a map<string, AttrValue>.
    message(writer, 5, (entry) => {
      entry.writeStringField(1, key);
      message(entry, 2, (written) => writeAttribute(written, value));
    });
  }
}

/**
 * The file `saved_model.pb` of a graph without variables, in the messages of TensorFlow's
 * saved_model.proto, meta_graph.proto and graph.proto. tfjs-node takes graphs in no other form.
 */
export function savedModel(nodes: readonly GraphNode[]): Uint8Array {
  const writer = new PbfWriter();
  // saved_model_schema_version
  writer.writeVarintField(1, 1);
  // A MetaGraphDef with its MetaInfoDef and GraphDef
  message(writer, 2, (metaGraph) => {
    message(metaGraph, 1, (information) => information.writeStringField(4, GRAPH_TAG));
    message(metaGraph, 2, (graph) => {
      for (const node of nodes) message(graph, 1, (written) => writeNode(written, node));
      message(graph, 4, (versions) => versions.writeVarintField(1, PRODUCER));
    });
  });
  return writer.finish();
}
