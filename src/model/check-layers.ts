import type { LayersModel } from "@tensorflow/tfjs-layers";
import { usageError } from "../common/errors.js";
import { describedLayers, layersOf } from "./build-layers.js";

type Layer = LayersModel["layers"][number];

/** Numbers that a layer may make of a row: 64 MiB. */
const MOST_NUMBERS = 2 ** 24;

/** Layers that leave out numbers at random, whose draws vadi makes a function of the run's seed. */
export const DROPOUTS: ReadonlySet<string> = new Set(["Dropout", "SpatialDropout1D"]);
/** Other layers that are random. */
const RANDOM: ReadonlySet<string> = new Set(["GaussianNoise", "GaussianDropout", "AlphaDropout"]);

/** Whether what a model makes of a row in training depends on the batch or on draws. */
export function variesInTraining(topology: unknown): boolean {
  return describedLayers(topology).some(
    ({ className }) => className === "BatchNormalization" || DROPOUTS.has(className),
  );
}

/**
 * Checks that a model takes rows of D numbers, makes one prediction of each, and can be trained such
 * that the same seed gives the same weights.
 *
 * @param source what the error calls the model
 * @throws a usage error that says what vadi does not train, and what would do
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
      refuse("is random, and TensorFlow.js gives its draws no seed; use Dropout, which vadi seeds");
    }
    for (const key of ["dropout", "recurrent_dropout"]) {
      if (Number(config[key] ?? 0) > 0) {
        refuse(
          `has the option ${key}, whose draws TensorFlow.js gives no seed; use layers of type Dropout`,
        );
      }
    }
    if (config["stateful"] === true)
      refuse("is stateful, but batches of shuffled rows are no sequence");
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
      `${source} has the inputs ${shapesOf(model.inputs)}; vadi gives one of [rows, D]: begin with such an input and, where needed, a Reshape.`,
    );
  }
  const [output] = model.outputs;
  const predictsOne =
    model.outputs.length === 1 && output?.shape.length === 2 && output.shape[1] === 1;
  if (!predictsOne) {
    throw usageError(
      `${source} has the outputs ${shapesOf(model.outputs)}; vadi trains models of one output of [rows, 1].`,
    );
  }
}

function shapesOf(tensors: LayersModel["inputs"]): string {
  const shapes = tensors.map(
    ({ shape }) => `[${shape.map((length) => length ?? "rows").join(", ")}]`,
  );
  return shapes.join(" and ") || "none";
}

/** What layers hold and how much they make of a row. */
function checkInner(
  model: LayersModel,
  configs: readonly Record<string, unknown>[],
  source: string,
): void {
  let regularizers = 0;
  for (const layer of layersOf(model)) {
    regularizers += layer.losses.length;
    const numbers = numbersOf(layer);
    if (!(numbers <= MOST_NUMBERS)) {
      throw usageError(
        `${source}: the layer ${layer.name} makes ${numbers} numbers of each row; ${MOST_NUMBERS} are the most.`,
      );
    }
  }
  const described = configs.flatMap((config) =>
    Object.entries(config).filter(([key, value]) => key.endsWith("_regularizer") && isSet(value)),
  );
  if (described.length !== regularizers) {
    throw usageError(
      `${source} has regularizers that TensorFlow.js does not apply where they are; leave them out, or use --weight-decay.`,
    );
  }
  const names = model.weights.map(({ originalName }) => originalName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw usageError(
      `${source} has two weights of the name ${twice}; give its layers different names.`,
    );
  }
  const other = model.weights.find(({ dtype }) => dtype !== "float32");
  if (other !== undefined) {
    throw usageError(`${source}: the weight ${other.originalName} is not of type float32.`);
  }
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** The shapes of all that a layer makes, wherever the model uses it. */
export function outputShapesOf({ inboundNodes }: Layer): (number | null)[][] {
  return inboundNodes.flatMap(({ outputShapes }) => {
    const isList = Array.isArray(outputShapes[0]);
    return (isList ? outputShapes : [outputShapes]) as (number | null)[][];
  });
}

/** How many numbers a layer makes of a row; NaN where its shapes leave that open. */
export function numbersOf(layer: Layer): number {
  const sizes = outputShapesOf(layer).map((shape) =>
    shape.slice(1).reduce<number>((product, length) => product * (length ?? Number.NaN), 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The layers that leave out numbers at random. */
export function dropoutsOf(model: LayersModel): LayersModel["layers"] {
  return layersOf(model).filter((layer) => DROPOUTS.has(layer.getClassName()));
}
