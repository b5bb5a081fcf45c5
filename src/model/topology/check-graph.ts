import { usageError } from "../../common/errors.js";
import { quote } from "../../common/text/quote.js";
import { describedLayers, isRecord } from "./described-layers.js";

/** A layer of a graph: what it is called, and where each of its calls takes its inputs from. */
interface GraphLayer {
  name: string;
  calls: readonly (readonly Source[])[];
  /** Its outputs before it is called: inputs have one, and so has a model within the model. */
  nodes: number;
}

/** The layer whose output is an input, and which of its calls made it. */
interface Source {
  layer: string;
  node: number;
}

/**
 * Checks that the layers of each graph of a topology can be called one after the other. TensorFlow.js would search
 * for ever for an input that is not there, or that depends on its own output.
 *
 * @throws a usage error that names the layer
 */
export function checkGraph(topology: Record<string, unknown>, source: string): void {
  const outer = { className: "", config: isRecord(topology["config"]) ? topology["config"] : {} };
  for (const { config } of [outer, ...describedLayers(topology)]) {
    const { layers } = config;
    // A chain of layers has no calls.
    const isGraph =
      Array.isArray(layers) && layers.some((layer) => isRecord(layer) && "inbound_nodes" in layer);
    if (isGraph) checkCalls(layers, source);
  }
}

function checkCalls(described: readonly unknown[], source: string): void {
  const layers = described.map((layer) => readLayer(layer, source));
  const nodes = new Map(layers.map(({ name, nodes: count }) => [name, count]));
  if (nodes.size !== layers.length) throw usageError(`${source} has two layers of one name.`);
  const isMade = ({ layer, node }: Source): boolean => node < (nodes.get(layer) ?? 0);
  let waiting = layers.flatMap(({ name, calls }) => calls.map((inputs) => ({ name, inputs })));
  while (waiting.length > 0) {
    const left = waiting.filter(({ name, inputs }) => {
      if (!inputs.every(isMade)) return true;
      nodes.set(name, (nodes.get(name) ?? 0) + 1);
      return false;
    });
    if (left.length === waiting.length) {
      const [{ name, inputs }] = left as [(typeof left)[number]];
      const missing = inputs.find((input) => !isMade(input))!;
      throw usageError(
        `${source} describes no model that TensorFlow.js can make: the layer ${quote(name)} takes an output of ${quote(missing.layer)} that no layer makes.`,
      );
    }
    waiting = left;
  }
}

function readLayer(layer: unknown, source: string): GraphLayer {
  const malformed = usageError(
    `${source} describes no model that TensorFlow.js can make: one of its layers is malformed.`,
  );
  if (!isRecord(layer) || !isRecord(layer["config"])) throw malformed;
  const {
    name,
    config,
    class_name: className,
    inbound_nodes: calls,
  } = layer as {
    config: Record<string, unknown>;
  } & Record<string, unknown>;
  if (typeof name !== "string" || !Array.isArray(calls)) throw malformed;
  if ((config["name"] ?? name) !== name) throw malformed;
  const isInput = className === "InputLayer" || Array.isArray(config["layers"]);
  return {
    name,
    nodes: isInput ? 1 : 0,
    calls: calls.map((inputs: unknown) => {
      if (!Array.isArray(inputs) || inputs.length === 0) throw malformed;
      return inputs.map((input: unknown) => {
        const [from, node] = Array.isArray(input) ? (input as unknown[]) : [];
        const isSource = typeof from === "string" && Number.isInteger(node) && Number(node) >= 0;
        if (!isSource) throw malformed;
        return { layer: from, node: Number(node) };
      });
    }),
  };
}
