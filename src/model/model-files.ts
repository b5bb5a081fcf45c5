import { open } from "node:fs/promises";
import path from "node:path";
import { version_layers } from "@tensorflow/tfjs-layers";
import { z } from "zod/mini";
import { failure, messageOf, usageError } from "../common/errors.js";
import { ensureFolder } from "../files/folders.js";
import { writeFileAtomic } from "../files/atomic.js";
import { checkInside } from "../files/inside.js";
import { readJson } from "../files/read-json.js";
import { ensureAnyBackend, ensureBackend } from "../backend/index.js";
import {
  checkActivation,
  checkNetwork,
  isPlainDense,
  networkToModel,
  unfit,
} from "./layers-model.js";
import { layersNetwork } from "./layers-network.js";
import type { NamedWeight } from "./layers-network.js";
import { isDense, parametersOf } from "./network.js";
import type { DenseLayer, DenseNetwork, Network } from "./types.js";

const MODEL_FILE = "model.json";
const WEIGHTS_FILE = "weights.bin";

/** The `generatedBy` of a model.json, in the form that tfjs writes. */
const GENERATED_BY = `TensorFlow.js tfjs-layers v${version_layers}`;

/**
 * A network as `model.json` and `weights.bin` (float32, little-endian, in the order of the parameters), in
 * the form that `model.save` of tfjs writes and `tf.loadLayersModel` reads. The same network gives the
 * same bytes.
 */
export async function modelFiles(
  network: Network,
): Promise<{ "model.json": string; "weights.bin": Uint8Array }> {
  const { topology, weights } = isDense(network) ? await denseDescription(network) : network;
  const json = {
    modelTopology: topology,
    format: "layers-model",
    generatedBy: GENERATED_BY,
    convertedBy: null,
    weightsManifest: [
      {
        paths: [WEIGHTS_FILE],
        weights: weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
      },
    ],
  };
  const parts = parametersOf(network).map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  return { [MODEL_FILE]: JSON.stringify(json), [WEIGHTS_FILE]: Buffer.concat(parts) };
}

/** The topology and the weights' names of dense layers, as tfjs describes them. */
async function denseDescription(
  network: DenseNetwork,
): Promise<{ topology: unknown; weights: { name: string; shape: readonly (number | null)[] }[] }> {
  await ensureAnyBackend();
  const model = networkToModel(network);
  try {
    return {
      topology: model.toJSON(undefined, false),
      weights: model.weights.map(({ originalName, shape }) => ({ name: originalName, shape })),
    };
  } finally {
    model.dispose();
  }
}

/**
 * Writes a network's `model.json` and `weights.bin` into a folder.
 *
 * @param dir the folder; created if it does not exist
 */
export async function saveNetwork(dir: string, network: Network): Promise<void> {
  const files = await modelFiles(network);
  try {
    await ensureFolder(dir);
  } catch (error) {
    throw failure(`Could not make the folder ${dir}: ${messageOf(error)}.`, error);
  }
  await writeFileAtomic(path.join(dir, WEIGHTS_FILE), files[WEIGHTS_FILE]);
  await writeFileAtomic(path.join(dir, MODEL_FILE), files[MODEL_FILE]);
}

const layerSchema = z.object({
  class_name: z.string().check(z.maxLength(100)),
  config: z.object({
    name: z._default(z.string().check(z.maxLength(200)), "without a name"),
    units: z.optional(z.number().check(z.int(), z.positive())),
    activation: z.unknown(),
    use_bias: z._default(z.boolean(), true),
  }),
});

const sequentialSchema = z.object({
  class_name: z.string().check(z.maxLength(100)),
  config: z.union([z.array(layerSchema), z.object({ layers: z.array(layerSchema) })]),
});

const modelSchema = z.object({
  // Keras writes the topology one level deeper than tfjs does.
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z
    .array(
      z.object({
        paths: z
          .array(
            z
              .string()
              .check(z.regex(/^(\.\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a file beside it")),
          )
          .check(z.maxLength(1000)),
        weights: z.array(
          z.object({
            name: z.string(),
            shape: z.array(z.number().check(z.int(), z.positive())).check(z.maxLength(8)),
            dtype: z.string(),
            group: z.optional(z.string()),
            quantization: z.optional(z.undefined({ error: "quantised weights are not supported" })),
          }),
        ),
      }),
    )
    .check(z.minLength(1)),
});

/**
 * Reads a network from a folder with `model.json` and its weights, written by `saveNetwork` or by
 * `model.save` of tfjs. It reads nothing outside the folder, runs nothing in it, and allocates no more
 * memory than the weights' files hold.
 *
 * @param dir the folder, or the path of its `model.json`
 * @returns dense layers where vadi computes them itself; else the layers in tfjs's form
 * @throws a failure that names the file; a usage error where the model is not one that vadi trains
 */
export async function loadModel(dir: string): Promise<Network> {
  const file = dir.endsWith(".json") ? dir : path.join(dir, MODEL_FILE);
  const json = await readJson(file, modelSchema, "a TensorFlow.js layers model");
  const inner = json.modelTopology["model_config"];
  const topology =
    typeof inner === "object" && inner !== null
      ? (inner as Record<string, unknown>)
      : json.modelTopology;
  const values = await readParameters(file, json.weightsManifest);
  // The file may hold an optimiser's weights as well.
  const own = values.filter(({ group }) => group !== "optimizer");
  const plain = isPlainDense(topology) ? sequentialSchema.safeParse(topology).data : undefined;
  if (plain !== undefined) return denseNetwork(file, plain, own);
  await ensureBackend();
  return layersNetwork(topology, own, `The model ${file}`);
}

/**
 * `loadModel` for callers that need dense layers.
 *
 * @throws a usage error where the model has other layers
 */
export async function loadNetwork(dir: string): Promise<DenseNetwork> {
  const network = await loadModel(dir);
  if (isDense(network)) return network;
  throw usageError(`The model in ${dir} is not a plain chain of dense layers.`);
}

function denseNetwork(
  file: string,
  topology: z.infer<typeof sequentialSchema>,
  values: readonly NamedWeight[],
): DenseNetwork {
  const described = Array.isArray(topology.config) ? topology.config : topology.config.layers;
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

/** All weights that a model.json lists, in its order. */
async function readParameters(
  file: string,
  manifest: z.infer<typeof modelSchema>["weightsManifest"],
): Promise<(NamedWeight & { group: string | undefined })[]> {
  const found: (NamedWeight & { group: string | undefined })[] = [];
  for (const group of manifest) {
    const names = group.paths.map((name) => path.join(path.dirname(file), name));
    await checkInside(path.dirname(file), group.paths);
    const bytes = await readWeights(names, group.weights);
    let at = 0;
    for (const { name, shape, dtype, group: kind } of group.weights) {
      if (dtype !== "float32") throw failure(`${file}: the weight ${name} is not of type float32.`);
      const values = floats(bytes, at, sizeOf(shape));
      at += values.byteLength;
      found.push({ name, shape, values, group: kind });
    }
  }
  return found;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** The bytes of a group of weight files, whose length must be that of the weights. */
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
