import path from "node:path";
import { usageError } from "../common/errors.js";
import type { Dataset } from "../stream/index.js";
import { modelToNetwork } from "./layers-model.js";
import { loadNetwork } from "./model-files.js";
import { initialNetwork, layerWidths, parseInit } from "./network.js";
import type { Settings } from "./options.js";
import { GIVEN } from "./record.js";
import { RUN_FILES } from "./run-folder.js";
import type { DenseNetwork, TrainOptions } from "./types.js";

/** The model that a run starts from. */
export interface StartingModel {
  /** How run.json names it. */
  name: string;
  network: DenseNetwork;
  /** `given` where the weights came with the model. */
  init: string;
  /** Whether the run keeps a copy of the initial weights, since no name leads back to them. */
  copied: boolean;
}

/** Makes or reads the model; throws a usage error where it does not fit the dataset or the optimiser. */
export async function startingModel(
  dataset: Dataset,
  { model = "linear" }: TrainOptions,
  settings: Settings,
): Promise<StartingModel> {
  const { out, init, seed, optimizer, activation, bias } = settings;
  const isPath = typeof model === "string" && (model.endsWith(".json") || /[\\/]/.test(model));
  let starting: StartingModel;
  if (typeof model === "string" && !isPath) {
    const widths = layerWidths(model, dataset.features);
    const network = initialNetwork(widths, parseInit(init), seed, { activation, bias });
    starting = { name: model, network, init, copied: false };
  } else {
    const file = typeof model === "string" ? path.resolve(model) : undefined;
    const network =
      typeof model === "string" ? await loadNetwork(path.resolve(model)) : modelToNetwork(model);
    // A model inside the run's own folder would be replaced together with it.
    const copied = file === undefined || !path.relative(out, file).startsWith("..");
    const name = copied ? path.join(out, RUN_FILES.initial, "model.json") : file;
    starting = { name, network, init: GIVEN, copied };
  }
  const { network } = starting;
  if (network[0]!.inputs !== dataset.features) {
    throw usageError(
      `The model takes ${network[0]!.inputs} features, but the dataset ${dataset.path} has ${dataset.features}.`,
    );
  }
  if (optimizer === "closed-form" && (!isLinear(network) || network[0]!.bias !== undefined)) {
    throw usageError(
      "There is a closed form for --model linear without --bias only; choose another --optimizer.",
    );
  }
  return starting;
}

/** Whether a network is the linear model, with or without a bias. */
export function isLinear(network: DenseNetwork): boolean {
  return network.length === 1 && network[0]!.activation === "linear";
}
