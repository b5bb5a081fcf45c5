import path from "node:path";
import { z } from "zod/mini";
import { VadiError } from "../../common/errors.js";
import { readJson } from "../../files/read-json.js";
import type { Run, RunRecord } from "../../train/index.js";
import type { FactTable } from "../figures/figure.js";
import { formatNumber } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";

/** The most layers that are listed. */
const listedLayers = 60;

/** The folders of a run that may have model.json. Only in `model` is the standardisation folded in. */
const folders = ["weights", "model", "initial"];

/** A layer of model.json, as far as a report needs it. */
interface DescribedLayer {
  kind: string;
  config: Record<string, unknown>;
}

const layer = z.pipe(
  z.object({ class_name: z.string(), config: z.record(z.string(), z.unknown()) }),
  z.transform((one): DescribedLayer => ({ kind: one.class_name, config: one.config })),
);

/** The part of model.json that a report reads. Some versions keep the model under `model_config`. */
const modelSchema = z.object({
  modelTopology: z.pipe(
    z.union([
      z.pipe(
        z.object({ model_config: layer }),
        z.transform((one) => one.model_config),
      ),
      layer,
    ]),
    z.transform(({ config }) => ({
      name: typeof config["name"] === "string" ? config["name"] : undefined,
      layers: z.array(layer).safeParse(config["layers"]).data ?? [],
    })),
  ),
});

/** A model that was given to the run, and may have any layers. */
export interface DescribedModel {
  /** Its name, if its files have one. */
  name: string | undefined;
  layers: DescribedLayer[];
}

/** Whether the model was given as a file or a tfjs model, and not as `linear` or `mlp`. */
function isGiven({ options }: RunRecord): boolean {
  return !/^(?:linear|mlp(?::[\d,]+)?)$/.test(options.model);
}

/** Reads the description of a given model from the run's folder; undefined for `linear` and `mlp`. */
export async function describedModel(run: Run): Promise<DescribedModel | undefined> {
  if (!isGiven(run.record)) return undefined;
  for (const folder of folders) {
    const file = path.join(run.dir, folder, "model.json");
    try {
      return (await readJson(file, modelSchema, "a model")).modelTopology;
    } catch (error) {
      // A running training has no model yet, and a report can do without the list of layers.
      if (!(error instanceof VadiError)) throw error;
    }
  }
  return { name: undefined, layers: [] };
}

/** `linear model 10→1`, `MLP 10→40→20→1 (tanh, biases)`, `model “branched”, 49 weights` */
export function nameOfModel(record: RunRecord, described: DescribedModel | undefined): string {
  const { options, layers, parameters } = record;
  if (isGiven(record)) {
    const name = described?.name ?? path.basename(path.dirname(options.model));
    return `model “${name}”, ${countedExactly(parameters, "weight")}`;
  }
  const isLinear = options.model === "linear";
  const more = [
    ...(isLinear || options.activation === "relu" ? [] : [options.activation]),
    ...(options.bias ? [isLinear ? "bias" : "biases"] : []),
  ];
  const widths = `${isLinear ? "linear model" : "MLP"} ${layers.join("→")}`;
  return more.length === 0 ? widths : `${widths} (${more.join(", ")})`;
}

/** The settings of the model. */
export function settingsOfModel(record: RunRecord): FactTable["rows"] {
  const { options, layers, parameters } = record;
  const rows: FactTable["rows"] = [
    ["model", isGiven(record) ? { path: options.model } : options.model],
  ];
  // The widths of other models, listed in a row, would suggest a chain of layers.
  if (!isGiven(record)) {
    rows.push(["layers", layers.join(" → ")]);
    if (layers.length > 2) rows.push(["activation of the hidden layers", options.activation]);
    rows.push(["biases", options.bias ? "yes" : "none"]);
  }
  rows.push(["weights", parameters]);
  return rows;
}

function sizeOf({ config }: DescribedLayer): string {
  const { units, filters, rate } = config;
  const shape = config["batch_input_shape"] ?? config["batchInputShape"];
  if (typeof units === "number") return countedExactly(units, "unit");
  if (typeof filters === "number") return countedExactly(filters, "filter");
  if (typeof rate === "number") return `rate ${formatNumber(rate)}`;
  if (Array.isArray(shape)) {
    const sizes = shape.slice(1).filter((size) => typeof size === "number");
    return sizes.length === 0 ? "–" : `${sizes.join(" × ")} numbers a row`;
  }
  return "–";
}

/** The layers of a given model, in the order of its files; undefined if there are none. */
export function layersTable(described: DescribedModel | undefined): FactTable | undefined {
  if (!described || described.layers.length === 0) return undefined;
  const { layers } = described;
  return {
    kind: "table",
    id: "layers",
    title: "Layers of the model",
    ...(layers.length > listedLayers && {
      caption: `The first ${listedLayers} of ${formatNumber(layers.length)} layers.`,
    }),
    columns: ["layer", "kind", "size", "activation", "bias"],
    rows: layers.slice(0, listedLayers).map((one) => {
      const bias = one.config["use_bias"] ?? one.config["useBias"];
      const { activation, name } = one.config;
      return [
        typeof name === "string" ? name : "–",
        one.kind,
        sizeOf(one),
        typeof activation === "string" ? activation : "–",
        typeof bias === "boolean" ? (bias ? "yes" : "no") : "–",
      ];
    }),
  };
}
