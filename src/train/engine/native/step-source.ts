import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dispose, findBackend, tensor, tidy } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { failure, messageOf } from "../../../common/errors.js";
import { holdParameters, uploadBatch } from "../../../model/index.js";
import { updateRule } from "../../optimizers/index.js";
import type { StepSource } from "../tensor-engine.js";
import { partLengths, partsOf } from "./batch-parts.js";
import { GRAPH_TAG, savedModel } from "./saved-model.js";
import { stepGraph, stepNumbers, zerosOf } from "./step-graph.js";
import type { StepSpec } from "./step-graph.js";

/** What this module uses of tfjs-node's backend. */
interface NodeBackend {
  loadSavedModelMetaGraph(folder: string, tags: string): number;
  runSavedModel(
    id: number,
    inputs: readonly Tensor[],
    information: readonly { name: string }[],
    outputs: readonly string[],
  ): Tensor[];
  deleteSavedModel(id: number): void;
}

/** A graph that TensorFlow has taken. */
interface LoadedGraph {
  id: number;
  inputs: { name: string }[];
  outputs: readonly string[];
}

/** Gives TensorFlow a graph, which it takes from a folder alone. */
function load(backend: NodeBackend, file: Uint8Array): number {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(path.join(tmpdir(), "vadi-graph-"));
    writeFileSync(path.join(folder, "saved_model.pb"), file);
    return backend.loadSavedModelMetaGraph(folder, GRAPH_TAG);
  } catch (error) {
    throw failure(
      `TensorFlow could not be given the network's graph through the folder for temporary files, ${tmpdir()} (${messageOf(error).split("\n")[0]}); name a folder that can be written to by TMPDIR, or try --backend wasm.`,
      error,
    );
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Whole steps as one graph that TensorFlow runs by itself on tfjs-node: independent operations at
 * once, each value's memory free for the next as soon as nobody needs it, and one call from
 * JavaScript a batch. There is a graph for each number of parts that batches are cut into, loaded for the
 * first such batch; a step throws a failure where the folder for temporary files cannot be written to.
 */
export function graphSteps(spec: StepSpec): StepSource {
  const { network, optimizer } = spec;
  const backend = findBackend("tensorflow") as unknown as NodeBackend;
  const features = network[0]!.inputs;
  const slotNames = updateRule(optimizer).slots;
  const zeros = zerosOf(network).map((length) => tensor(new Float32Array(length)));
  const graphs = new Map<number, LoadedGraph>();
  /** The parts' lengths of the last batch: nearly always those of the next. */
  let cut = { rows: 0, lengths: tensor([0], [1], "int32") };

  function lengthsFor(rows: number): Tensor {
    if (cut.rows !== rows) {
      cut.lengths.dispose();
      cut = { rows, lengths: tensor(partLengths(rows), [partsOf(rows)], "int32") };
    }
    return cut.lengths;
  }

  function graphFor(rows: number): LoadedGraph {
    const parts = partsOf(rows);
    let graph = graphs.get(parts);
    if (graph === undefined) {
      const { nodes, inputs, outputs } = stepGraph(spec, parts);
      const id = load(backend, savedModel(nodes));
      graph = { id, inputs: inputs.map((name) => ({ name })), outputs };
      graphs.set(parts, graph);
    }
    return graph;
  }

  const held = holdParameters(network, () => {
    dispose([...zeros, cut.lengths]);
    for (const { id } of graphs.values()) backend.deleteSavedModel(id);
  });
  return {
    ...held,
    step(batch, slots, { step, learningRate }) {
      const { rows } = batch;
      const { id, inputs, outputs } = graphFor(rows);
      const lengths = lengthsFor(rows);
      const parameters = held.parameters();
      const results = tidy(() => {
        const { x, y } = uploadBatch(batch, features);
        const numbers = tensor(Float32Array.from(stepNumbers(spec, { rows, step, learningRate })));
        const given = [x, y, numbers, lengths, ...parameters, ...slots.flat(), ...zeros];
        return backend.runSavedModel(id, given, inputs, outputs);
      });
      const [residuals, ...updated] = results;
      const weights = updated.splice(0, parameters.length);
      return {
        residuals: residuals as Tensor2D,
        weights,
        slots: slotNames.map(() => updated.splice(0, parameters.length)),
      };
    },
  };
}
