import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import { io } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { failure, messageOf } from "../common/errors.js";
import { readJson, writeFileAtomic } from "../storage/index.js";
import { ensureBackend } from "./backend.js";
import { checkActivation, checkNetwork, networkToModel, unfit } from "./layers-model.js";
import type { Parameter } from "./network.js";
import type { DenseLayer, DenseNetwork } from "./types.js";

const MODEL_FILE = "model.json";
const WEIGHTS_FILE = "weights.bin";

/**
 * A network as `model.json` and `weights.bin` (float32, little-endian, one parameter after the other),
 * in the form that `tf.loadLayersModel` reads: the artifacts are those of tfjs's own `model.save`. The
 * same network gives the same bytes.
 */
export async function modelFiles(
  network: DenseNetwork,
): Promise<{ "model.json": string; "weights.bin": Uint8Array }> {
  await ensureBackend();
  const model = networkToModel(network);
  let artifacts: io.ModelArtifacts | undefined;
  try {
    const collector = io.withSaveHandler((made) => {
      artifacts = made;
      return Promise.resolve({ modelArtifactsInfo: io.getModelArtifactsInfoForJSON(made) });
    });
    await model.save(collector);
  } finally {
    model.dispose();
  }
  if (artifacts?.weightData === undefined || artifacts.weightSpecs === undefined) {
    throw failure("tfjs made no weights of the model.");
  }
  const { weightData, weightSpecs } = artifacts;
  const json = {
    modelTopology: artifacts.modelTopology,
    format: artifacts.format,
    generatedBy: artifacts.generatedBy,
    convertedBy: artifacts.convertedBy,
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightSpecs }],
  };
  return {
    [MODEL_FILE]: JSON.stringify(json),
    [WEIGHTS_FILE]: new Uint8Array(io.CompositeArrayBuffer.join(weightData)),
  };
}

/**
 * Writes a network's `model.json` and `weights.bin` into a folder.
 *
 * @param dir the folder; made where it is not there
 */
export async function saveNetwork(dir: string, network: DenseNetwork): Promise<void> {
  const files = await modelFiles(network);
  try {
    await mkdir(dir, { recursive: true });
  } catch (error) {
    throw failure(`Could not make the folder ${dir}: ${messageOf(error)}.`, error);
  }
  await writeFileAtomic(path.join(dir, WEIGHTS_FILE), files[WEIGHTS_FILE]);
  await writeFileAtomic(path.join(dir, MODEL_FILE), files[MODEL_FILE]);
}

const layerSchema = z.object({
  class_name: z.string().max(100),
  config: z.object({
    name: z.string().max(200).default("without a name"),
    units: z.number().int().positive().optional(),
    activation: z.unknown(),
    use_bias: z.boolean().default(true),
  }),
});

const sequentialSchema = z.object({
  class_name: z.string().max(100),
  config: z.union([z.array(layerSchema), z.object({ layers: z.array(layerSchema) })]),
});

const modelSchema = z.object({
  // Keras writes the topology one level deeper than tfjs does.
  modelTopology: z.union([sequentialSchema, z.object({ model_config: sequentialSchema })]),
  weightsManifest: z
    .array(
      z.object({
        paths: z
          .array(
            z.string().regex(/^(\.\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a file beside it"),
          )
          .max(1000),
        weights: z.array(
          z.object({
            name: z.string(),
            shape: z.array(z.number().int().positive()).max(8),
            dtype: z.string(),
            quantization: z.undefined({ error: "quantised weights are not supported" }).optional(),
          }),
        ),
      }),
    )
    .min(1),
});

/**
 * Reads a network from a folder with `model.json` and its weights, as `saveNetwork` or tfjs's own
 * `model.save` wrote them. Nothing outside the folder is read, and no more memory taken than the
 * weights' files are long.
 *
 * @param dir the folder, or the path of its `model.json`
 * @throws a failure that names the file; a usage error where the model is not one that vadi trains
 */
export async function loadNetwork(dir: string): Promise<DenseNetwork> {
  const file = dir.endsWith(".json") ? dir : path.join(dir, MODEL_FILE);
  const json = await readJson(file, modelSchema, "a tfjs layers model");
  const topology =
    "model_config" in json.modelTopology ? json.modelTopology.model_config : json.modelTopology;
  if (topology.class_name !== "Sequential") {
    throw unfit("graph", `is of type ${topology.class_name}, not Sequential`);
  }
  const described = Array.isArray(topology.config) ? topology.config : topology.config.layers;
  const values = await readParameters(file, json.weightsManifest);
  const dense = described.filter(({ class_name }) => class_name !== "InputLayer");
  let at = 0;
  const network = dense.map(({ class_name, config }): DenseLayer => {
    const { name, units = 0, use_bias } = config;
    if (class_name !== "Dense") throw unfit(name, `is of type ${class_name}`);
    const kernel = values[at++];
    const bias = use_bias ? values[at++] : undefined;
    const [inputs, outputs] = kernel?.shape ?? [];
    const fits =
      kernel?.shape.length === 2 &&
      outputs === units &&
      (!use_bias || (bias?.shape.length === 1 && bias.shape[0] === units));
    if (!fits || inputs === undefined) {
      throw failure(`${file}: layer ${name} and its weights do not fit each other.`);
    }
    return {
      inputs,
      outputs: units,
      activation: checkActivation(name, config.activation),
      weights: kernel.values,
      ...(bias !== undefined && { bias: bias.values }),
    };
  });
  if (values.length !== at) {
    throw failure(`${file} has ${values.length} weights, but its dense layers take ${at}.`);
  }
  checkNetwork(network);
  return network;
}

/** All weights that a model.json names, in its order. */
async function readParameters(
  file: string,
  manifest: z.infer<typeof modelSchema>["weightsManifest"],
): Promise<Parameter[]> {
  const found: Parameter[] = [];
  for (const group of manifest) {
    const names = group.paths.map((name) => path.join(path.dirname(file), name));
    const bytes = await readWeights(names, group.weights);
    let at = 0;
    for (const { name, shape, dtype } of group.weights) {
      if (dtype !== "float32") throw failure(`${file}: the weight ${name} is not of type float32.`);
      const values = floats(bytes, at, sizeOf(shape));
      at += values.byteLength;
      found.push({ values, shape });
    }
  }
  return found;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** The bytes of a group of weight files, if they are as long as the weights they should hold. */
async function readWeights(
  files: readonly string[],
  weights: readonly { shape: readonly number[] }[],
): Promise<Uint8Array> {
  const numbers = weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (const file of files) {
    try {
      const handle = await open(file, "r");
      try {
        const { size } = await handle.stat();
        bytes += size;
        if (bytes > 4 * numbers) break;
        parts.push(await handle.readFile());
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw failure(`Could not read the weights ${file}: ${messageOf(error)}.`, error);
    }
  }
  if (bytes !== 4 * numbers) {
    throw failure(
      `The weights ${files.join(", ")} are damaged: they should be ${4 * numbers} bytes long.`,
    );
  }
  return Buffer.concat(parts);
}

/** Little-endian float32 numbers, copied: a view would need an aligned offset. */
function floats(bytes: Uint8Array, from: number, count: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, 4 * count);
  return Float32Array.from({ length: count }, (_, at) => view.getFloat32(4 * at, true));
}
