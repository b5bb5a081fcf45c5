import { access } from "node:fs/promises";
import path from "node:path";
import { ensureBackend } from "../../backend/index.js";
import { failure } from "../../common/errors.js";
import { readJson } from "../../files/read-json.js";
import { isDense, loadModel, toLayersModel, type Network } from "../../model/index.js";
import type { Run } from "../types.js";
import { foldingWarnings } from "./fold-standardization-error.js";
import { readHistory, readHistoryJournal } from "./history.js";
import { readPredictionSample } from "./prediction-sample.js";
import { RECORD_FILE, runRecordSchema } from "./record.js";
import { checkRunFiles, RUN_FILES } from "./run-folder.js";
import { exists } from "../../files/folders.js";

/**
 * Opens the run in a folder, ended or not.
 *
 * @throws a failure that names the folder that holds no run or a damaged one
 */
export async function openRun(dir: string): Promise<Run> {
  const folder = path.resolve(dir);
  const file = path.join(folder, RECORD_FILE);
  try {
    await access(file);
  } catch (error) {
    throw failure(`${folder} is not a run: it has no ${RECORD_FILE}.`, error);
  }
  const record = await readJson(file, runRecordSchema, "a run's record");
  await checkRunFiles(record, folder);
  const model = path.join(folder, RUN_FILES.model);
  const own = path.join(folder, RUN_FILES.weights);
  // Runs of earlier versions have their trained weights only in model/.
  const weights = (): Promise<Network> => loadModel(exists(own) ? own : model);
  return {
    dir: folder,
    record,
    warnings: [...(record.warnings ?? []), ...foldingWarnings(record)],
    // While a run continues, its table is that of an earlier end, if there is one.
    history: () =>
      record.status === "running"
        ? readHistoryJournal(path.join(folder, RUN_FILES.journal))
        : readHistory(path.join(folder, RUN_FILES.journal), path.join(folder, RUN_FILES.history)),
    predictions: () => readPredictionSample(path.join(folder, RUN_FILES.predictions)),
    weights,
    async network() {
      const network = await weights();
      if (isDense(network)) return network;
      throw failure(
        `The model of ${folder} is not a plain chain of dense layers; read it with weights() or model().`,
      );
    },
    async model() {
      await ensureBackend();
      return toLayersModel(await loadModel(model));
    },
  };
}
