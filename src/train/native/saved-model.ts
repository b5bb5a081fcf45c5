import { PbfWriter } from "pbf";

/** A node of a graph of float32 tensors; inputs are names of other nodes, of which each has one output. */
export interface GraphNode {
  name: string;
  /** TensorFlow's name of the operation. */
  operation: string;
  inputs: readonly string[];
  /** Beside the type of its values. */
  flags?: Readonly<Record<string, boolean>>;
}

/** The operation of a value that is given to each run. */
export const PLACEHOLDER = "Placeholder";
/** The tag under which the graph is found in the file. */
export const GRAPH_TAG = "serve";

/** `DT_FLOAT` of types.proto. */
const FLOAT = 1;
/** The version of the operations' semantics, of TensorFlow 2.12; later ones know it. */
const PRODUCER = 1395;

type WriteMessage = (writer: PbfWriter) => void;

function message(writer: PbfWriter, tag: number, write: WriteMessage): void {
  writer.writeMessage(tag, (_: undefined, inner) => write(inner), undefined);
}

/** An entry of a `map<string, AttrValue>`. */
function attribute(writer: PbfWriter, name: string, write: WriteMessage): void {
  message(writer, 5, (entry) => {
    entry.writeStringField(1, name);
    message(entry, 2, write);
  });
}

/** A NodeDef of node_def.proto. */
function writeNode(writer: PbfWriter, { name, operation, inputs, flags = {} }: GraphNode): void {
  writer.writeStringField(1, name);
  writer.writeStringField(2, operation);
  for (const input of inputs) writer.writeStringField(3, input);
  const type = operation === PLACEHOLDER ? "dtype" : "T";
  attribute(writer, type, (value) => value.writeVarintField(6, FLOAT));
  for (const [flag, isSet] of Object.entries(flags)) {
    attribute(writer, flag, (value) => value.writeBooleanField(5, isSet));
  }
}

/**
 * The file `saved_model.pb` of a graph without variables, in the messages of TensorFlow's
 * saved_model.proto, meta_graph.proto and graph.proto: the one form in which tfjs-node takes a graph.
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
