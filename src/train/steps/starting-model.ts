import path from "node:path";
import { dispose } from "@tensorflow/tfjs-core";
import { messageOf, usageError, VadiError } from "../../common/errors.js";
import type { Dataset } from "../../stream/index.js";
import {
  variesInTraining,
  networkOf,
  loadModel,
  featuresOf,
  initialNetwork,
  isDense,
  layerWidths,
  GIVEN_WEIGHTS,
  parseInit,
} from "../../model/index.js";
import { trainableModel } from "./minibatches.js";
import type { TrainingSettings } from "../resolve-options.js";
import { RUN_FILES } from "../run/run-folder.js";
import { gradientSource } from "../engine/tensor-engine.js";
import type { DenseNetwork, LayersNetwork, Network } from "../../model/index.js";
import type { TrainOptions } from "../types.js";

/** With more features, the layer D → D that folds the standardisation into other models would be too large. */
const MAXIMUM_FOLDED_FEATURES = 4096;

/** The model that a run starts from. */
export interface StartingModel {
  /** Its name in run.json. */
  name: string;
  network: Network;
  /** `given` where the weights came with the model. */
  init: string;
  /** Whether the run keeps a copy of the initial weights, because its record cannot recreate them. */
  copied: boolean;
}

/**
 * Creates or reads the model.
 *
 * @param given the weights of another run
 * @throws a usage error where it does not fit the dataset or the optimiser
 */
export async function startingModel(
  dataset: Dataset,
  { model = "linear" }: TrainOptions,
  settings: TrainingSettings,
  given?: Network,
): Promise<StartingModel> {
  const { out, init, seed, optimizer, activation, bias } = settings;
  const isPath = typeof model === "string" && (model.endsWith(".json") || /[\\/]/.test(model));
  let starting: StartingModel;
  if (given !== undefined) {
    starting = { name: copyOf(out), network: given, init: GIVEN_WEIGHTS, copied: true };
  } else if (typeof model === "string" && !isPath) {
    const widths = layerWidths(model, dataset.features);
    const network = initialNetwork(widths, parseInit(init), seed, { activation, bias });
    starting = { name: model, network, init, copied: false };
  } else {
    const file = typeof model === "string" ? path.resolve(model) : undefined;
    const network =
      typeof model === "string" ? await loadModel(path.resolve(model)) : await networkOf(model);
    // A model inside the run's own folder would be replaced with it.
    const copied = file === undefined || !path.relative(out, file).startsWith("..");
    const name = copied ? copyOf(out) : file;
    starting = { name, network, init: GIVEN_WEIGHTS, copied };
  }
  const { network } = starting;
  if (featuresOf(network) !== dataset.features) {
    throw usageError(
      `The model takes ${featuresOf(network)} features, but the dataset ${dataset.path} has ${dataset.features}.`,
    );
  }
  if (optimizer === "closed-form" && (!isLinear(network) || network[0]!.bias !== undefined)) {
    throw usageError(
      (option) =>
        `There is a closed form for ${option("model")} linear without ${option("bias")} only; choose another ${option("optimizer")}.`,
    );
  }
  return starting;
}

/** The run's own copy of the weights that it starts from. */
function copyOf(out: string): string {
  return path.join(out, RUN_FILES.initial, "model.json");
}

/** Whether a network is the linear model, with or without a bias. */
export function isLinear(network: Network): network is DenseNetwork {
  return isDense(network) && network.length === 1 && network[0]!.activation === "linear";
}

/**
 * Checks that a model of other layers than dense ones can be trained, by computing one step's gradients.
 *
 * @param backend the current backend
 * @throws a usage error where it cannot
 */
export async function checkTraining(
  network: LayersNetwork,
  settings: TrainingSettings,
  backend: string,
): Promise<void> {
  if (!network.weights.some(({ trainable }) => trainable)) {
    throw usageError("The model has no weights that are trained.");
  }
  if (settings.optimizer === "gradient-descent" && variesInTraining(network.topology)) {
    throw usageError(
      (option) =>
        `${option("optimizer")} gradient-descent takes the gradient of all rows, but the model has BatchNormalization or Dropout, in which it depends on the batch; choose another ${option("optimizer")}.`,
    );
  }
  if (settings.standardize && network.features > MAXIMUM_FOLDED_FEATURES) {
    throw usageError(
      (option) =>
        `${option("standardize")} takes at most ${MAXIMUM_FOLDED_FEATURES} features with such a model; standardise the table instead.`,
    );
  }
  const rows = 2;
  try {
    const source = await gradientSource({
      model: trainableModel(network, settings),
      gradients: "autodiff",
    });
    try {
      const x = new Float32Array(rows * network.features);
      const found = source.gradients({ x, y: new Float32Array(rows), rows }, 1);
      dispose([found.residuals, ...found.gradients]);
    } finally {
      source.dispose();
    }
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw usageError(
      (option) =>
        `The backend ${backend} cannot train this model (${messageOf(error).split("\n")[0]}); try ${option("backend")} ${backend === "cpu" ? "tfjs-node" : "cpu"}, or a model of other layers.`,
    );
  }
}
