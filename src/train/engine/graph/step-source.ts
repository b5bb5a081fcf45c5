import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findBackend, tensor, tidy } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { failure, messageOf } from "../../../common/errors.js";
import { holdParameters, uploadBatch } from "../../../model/index.js";
import { updateRule } from "../../optimizers/index.js";
import type { StepSource } from "../tensor-engine.js";
import { microbatchCount, microbatchRows } from "./microbatches.js";
import { GRAPH_TAG, savedModel } from "./saved-model.js";
import { stepGraph, stepNumbers } from "./step-graph.js";
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

/**
 * Steps that TensorFlow runs as one graph, with one call from JavaScript a batch.
 *
 * @throws a failure, in a step, where the folder for temporary files cannot be written to
 */
export function graphSteps(spec: StepSpec): StepSource {
  const { network, optimizer } = spec;
  const backend = findBackend("tensorflow") as unknown as NodeBackend;
  const graphs = createGraphs(spec, backend);
  const held = holdParameters(network, () => graphs.dispose());
  return {
    ...held,
    step(batch, slots, { step, learningRate }) {
      const { rows } = batch;
      const { id, inputs, outputs, lengths } = graphs.forBatch(rows);
      const parameters = held.parameters();
      const results = tidy(() => {
        const { x, y } = uploadBatch(batch, network[0]!.inputs);
        const numbers = tensor(Float32Array.from(stepNumbers(spec, { rows, step, learningRate })));
        const values = [x, y, numbers, lengths, ...parameters, ...slots.flat()];
        return backend.runSavedModel(id, values, inputs, outputs);
      });
      const [residuals, ...updated] = results;
      const weights = updated.splice(0, parameters.length);
      return {
        residuals: residuals as Tensor2D,
        weights,
        slots: updateRule(optimizer).slots.map(() => updated.splice(0, parameters.length)),
      };
    },
  };
}

/** A graph that TensorFlow has loaded. */
interface LoadedGraph {
  id: number;
  inputs: { name: string }[];
  outputs: readonly string[];
}

/** The graphs of a training: one for each number of microbatches, loaded for the first such batch. */
function createGraphs(spec: StepSpec, backend: NodeBackend) {
  const loaded = new Map<number, LoadedGraph>();
  /** The rows of each microbatch of the last batch, which are nearly always those of the next. */
  let last = { rows: 0, lengths: tensor([0], [1], "int32") };
  return {
    forBatch(rows: number): LoadedGraph & { lengths: Tensor } {
      const count = microbatchCount(rows, spec.network.length);
      let graph = loaded.get(count);
      if (graph === undefined) {
        const { nodes, inputs, outputs } = stepGraph(spec, count);
        const id = load(backend, savedModel(nodes));
        graph = { id, inputs: inputs.map((name) => ({ name })), outputs };
        loaded.set(count, graph);
      }
      if (last.rows !== rows) {
        last.lengths.dispose();
        last = { rows, lengths: tensor(microbatchRows(rows, count), [count], "int32") };
      }
      return { ...graph, lengths: last.lengths };
    },
    dispose(): void {
      last.lengths.dispose();
      for (const { id } of loaded.values()) backend.deleteSavedModel(id);
    },
  };
}

/** Loads a graph into TensorFlow, which takes it only from a folder. */
function load(backend: NodeBackend, file: Uint8Array): number {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(path.join(tmpdir(), "vadi-graph-"));
    writeFileSync(path.join(folder, "saved_model.pb"), file);
    return backend.loadSavedModelMetaGraph(folder, GRAPH_TAG);
  } catch (error) {
    throw failure(
      (option) =>
        `TensorFlow could not load the network's graph from the folder for temporary files, ${tmpdir()} (${messageOf(error).split("\n")[0]}); name a folder that can be written to by TMPDIR, or try ${option("backend")} wasm.`,
      error,
    );
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
