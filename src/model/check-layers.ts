import type { LayersModel } from "@tensorflow/tfjs-layers";
import { usageError } from "../common/errors.js";
import { layersOf } from "./build-layers.js";
import { describedLayers } from "./topology/index.js";

type Layer = LayersModel["layers"][number];

/** Numbers of a layer's output for one row, at most: 64 MiB. */
const MAXIMUM_NUMBERS = 2 ** 24;

/** Layers that drop numbers at random, for which vadi derives seeds from the run's seed. */
export const DROPOUTS: ReadonlySet<string> = new Set(["Dropout", "SpatialDropout1D"]);
/** Other random layers, to which TensorFlow.js takes no seed. */
const RANDOM: ReadonlySet<string> = new Set(["GaussianNoise", "GaussianDropout", "AlphaDropout"]);

/** Whether a row's output in training depends on the other rows of its batch or on random numbers. */
export function variesInTraining(topology: unknown): boolean {
  return describedLayers(topology).some(
    ({ className }) => className === "BatchNormalization" || DROPOUTS.has(className),
  );
}

/**
 * Checks that a model maps rows of D numbers to one prediction each, and can be trained so that the same
 * seed gives the same weights.
 *
 * @param source names the model in the error
 * @throws a usage error that says what vadi does not train, and what to use instead
 */
export function checkLayers(model: LayersModel, topology: unknown, source: string): void {
  checkEnds(model, source);
  const described = describedLayers(topology);
  for (const { className, config } of described) {
    const refuse = (why: string): never => {
      const name = typeof config["name"] === "string" ? ` ${config["name"]}` : "";
      throw usageError(`${source}: the layer${name} of type ${className} ${why}.`);
    };
    if (RANDOM.has(className)) {
      refuse("is random, and TensorFlow.js takes no seed for it; use Dropout, which vadi seeds");
    }
    for (const key of ["dropout", "recurrent_dropout"]) {
      if (Number(config[key] ?? 0) > 0) {
        refuse(
          `has the option ${key}, for which TensorFlow.js takes no seed; use layers of type Dropout`,
        );
      }
    }
    if (config["stateful"] === true)
      refuse("is stateful, but batches of shuffled rows are not a sequence");
    const isPlain = config["scale"] !== false && config["center"] !== false;
    if (className === "BatchNormalization" && !isPlain) {
      refuse("is without scale or center, which TensorFlow.js does not train");
    }
    const constraint = Object.entries(config).find(
      ([key, value]) => key.endsWith("_constraint") && value !== null && value !== undefined,
    );
    if (constraint !== undefined) refuse(`has a ${constraint[0]}, which vadi does not apply`);
  }
  checkInner(
    model,
    described.map(({ config }) => config),
    source,
  );
  const count = described.filter(({ className }) => DROPOUTS.has(className)).length;
  if (dropoutsOf(model).length !== count) {
    throw usageError(`${source} has a Dropout inside another layer, where vadi cannot seed it.`);
  }
}

/** One input of D, one output of 1. */
function checkEnds(model: LayersModel, source: string): void {
  const [input] = model.inputs;
  const takesRows =
    model.inputs.length === 1 &&
    input?.shape.length === 2 &&
    input.shape[0] === null &&
    Number.isInteger(input.shape[1]);
  if (!takesRows) {
    throw usageError(
      `${source} has the inputs ${shapesOf(model.inputs)}; vadi needs one input of [rows, D]; add a Reshape after it if the layers need another shape.`,
    );
  }
  const [output] = model.outputs;
  const predictsOne =
    model.outputs.length === 1 && output?.shape.length === 2 && output.shape[1] === 1;
  if (!predictsOne) {
    throw usageError(
      `${source} has the outputs ${shapesOf(model.outputs)}; vadi trains models with one output of [rows, 1].`,
    );
  }
}

function shapesOf(tensors: LayersModel["inputs"]): string {
  const shapes = tensors.map(
    ({ shape }) =>
      `[${shape.map((length) => (typeof length === "number" ? length : "rows")).join(", ")}]`,
  );
  return shapes.join(" and ") || "none";
}

/** Checks the layers' output sizes, regularizers and weights. */
function checkInner(
  model: LayersModel,
  configs: readonly Record<string, unknown>[],
  source: string,
): void {
  let regularizers = 0;
  for (const layer of layersOf(model)) {
    regularizers += layer.losses.length;
    const numbers = numbersOf(layer);
    if (!(numbers <= MAXIMUM_NUMBERS)) {
      throw usageError(
        `${source}: the layer ${layer.name} outputs ${numbers} numbers for each row; at most ${MAXIMUM_NUMBERS} are allowed.`,
      );
    }
  }
  const described = configs.flatMap((config) =>
    Object.entries(config).filter(([key, value]) => key.endsWith("_regularizer") && isSet(value)),
  );
  if (described.length !== regularizers) {
    throw usageError(
      (option) =>
        `${source} has regularizers on layers to which TensorFlow.js does not apply them; remove them, or use ${option("weightDecay")}.`,
    );
  }
  const names = model.weights.map(({ originalName }) => originalName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw usageError(`${source} has two weights named ${twice}; give its layers different names.`);
  }
  const other = model.weights.find(({ dtype }) => dtype !== "float32");
  if (other !== undefined) {
    throw usageError(`${source}: the weight ${other.originalName} is not of type float32.`);
  }
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** The shapes of a layer's outputs, one for each use of the layer in the model. */
export function outputShapesOf({ inboundNodes }: Layer): (number | null)[][] {
  return inboundNodes.flatMap(({ outputShapes }) => {
    const isList = Array.isArray(outputShapes[0]);
    return (isList ? outputShapes : [outputShapes]) as (number | null)[][];
  });
}

/** How many numbers a layer outputs for a row; NaN where its shapes do not say. */
export function numbersOf(layer: Layer): number {
  const sizes = outputShapesOf(layer).map((shape) =>
    shape.slice(1).reduce<number>((product, length) => product * (length ?? Number.NaN), 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The layers that drop numbers at random. */
export function dropoutsOf(model: LayersModel): LayersModel["layers"] {
  return layersOf(model).filter((layer) => DROPOUTS.has(layer.getClassName()));
}
