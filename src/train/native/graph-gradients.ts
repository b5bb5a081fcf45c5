import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dispose, findBackend, scalar, tensor } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { failure, messageOf } from "../../common/errors.js";
import { denseGradients } from "../gradients.js";
import type { GradientSource } from "../gradients.js";
import type { DenseNetwork } from "../types.js";
import { GRAPH_TAG, savedModel } from "./saved-model.js";
import { stepGraph } from "./step-graph.js";

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

/** Gives TensorFlow a graph, which it takes from a folder alone. */
function load(backend: NodeBackend, file: Uint8Array): number {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(path.join(tmpdir(), "vadi-graph-"));
    writeFileSync(path.join(folder, "saved_model.pb"), file);
    return backend.loadSavedModelMetaGraph(folder, GRAPH_TAG);
  } catch (error) {
    throw failure(
      `TensorFlow did not take the network's graph by way of the folder for temporary files, ${tmpdir()}: ${messageOf(error)}.`,
      error,
    );
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Backpropagation as one graph that TensorFlow runs by itself on tfjs-node: independent operations at
 * once, each value's memory free for the next as soon as nobody needs it, and one call from
 * JavaScript a batch.
 *
 * @throws a failure where the folder for temporary files cannot be written to
 */
export function graphGradients(network: DenseNetwork): GradientSource {
  const backend = findBackend("tensorflow") as unknown as NodeBackend;
  const { nodes, inputs, outputs, zeros } = stepGraph(network);
  const graph = load(backend, savedModel(nodes));
  const information = inputs.map((name) => ({ name }));
  const noBiases = zeros.map((length) => tensor(new Float32Array(length)));
  return denseGradients(
    network,
    (parameters, x, y) => {
      const given = [x, y, scalar(2 / x.shape[0]), ...parameters, ...noBiases];
      const [residuals, ...gradients] = backend.runSavedModel(graph, given, information, outputs);
      return { gradients, residuals: residuals as Tensor2D };
    },
    () => {
      dispose(noBiases);
      backend.deleteSavedModel(graph);
    },
  );
}
