import path from "node:path";
import { usageError } from "../../common/errors.js";
import { loadModel } from "../../model/index.js";
import { openRun } from "../../train/index.js";
import type { Network } from "../../model/index.js";
import type { RunRecord } from "../../train/index.js";
import { sameLayers } from "./weights.js";
import { exists } from "../../files/folders.js";

/**
 * Loads the model at the other end of a line: of a run's folder or a folder within it, or of another
 * folder with `model.json`. In the latter case, its weights must be for rows as the first run saw them.
 *
 * @param standardize what the first run's rows were standardised with
 * @throws a usage error where its layers are not those of the run's model, or where it was trained on
 *   rows standardised otherwise; a failure where there is none
 */
export async function loadEnd(
  source: string,
  from: Network,
  standardize: RunRecord["standardize"],
): Promise<Network> {
  const network = await loadWeights(source, standardize);
  if (!sameLayers(network, from)) {
    throw usageError(
      (option) =>
        `The layers of the model of ${source} are not those of the run's model; name another model with ${option("along")} model:PATH.`,
    );
  }
  return network;
}

async function loadWeights(
  source: string,
  standardize: RunRecord["standardize"],
): Promise<Network> {
  const dir = runFolderOf(path.resolve(source));
  if (dir !== undefined) {
    const run = await openRun(dir);
    if (JSON.stringify(run.record.standardize) !== JSON.stringify(standardize)) {
      throw usageError(
        (option) =>
          `The runs at both ends standardise their rows with different numbers, so their weights cannot be compared; name another run than ${source} with ${option("along")} model:PATH.`,
      );
    }
    // model/ has the standardisation folded in, so its weights are for other rows.
    const own = [dir, path.join(dir, "model")].includes(path.resolve(source));
    if (own) return run.weights();
  }
  const ofRun = path.join(source, "model");
  return loadModel(exists(path.join(ofRun, "model.json")) ? ofRun : source);
}

/** Where a run keeps models, relative to its folder. */
const WITHIN_RUN = /^(model|weights|initial|(checkpoints|path)\/step-\d+(\/model)?)?$/;

/** The folder of the run to which a folder belongs, if there is one. */
function runFolderOf(folder: string, dir = folder): string | undefined {
  const within = path.relative(dir, folder).replaceAll(path.sep, "/");
  if (WITHIN_RUN.test(within) && exists(path.join(dir, "run.json"))) return dir;
  const above = path.dirname(dir);
  return above === dir ? undefined : runFolderOf(folder, above);
}
