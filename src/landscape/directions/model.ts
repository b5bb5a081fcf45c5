import { existsSync } from "node:fs";
import path from "node:path";
import { usageError } from "../../common/errors.js";
import { loadNetwork } from "../../train/index.js";
import type { DenseNetwork } from "../../train/index.js";
import { sameLayers } from "./weights.js";

/**
 * The model at the other end of a line: of a run's folder, or a folder with `model.json`.
 *
 * @throws a usage error where its layers are not those of the run's model; a failure where there is none
 */
export async function loadEnd(source: string, from: DenseNetwork): Promise<DenseNetwork> {
  const ofRun = path.join(source, "model");
  const network = await loadNetwork(existsSync(path.join(ofRun, "model.json")) ? ofRun : source);
  if (!sameLayers(network, from)) {
    throw usageError(
      `The model of ${source} has other layers than the run's, so that no line leads from one to the other; name another with --along model:PATH.`,
    );
  }
  return network;
}
