import path from "node:path";
import { z } from "zod/mini";
import type { Texts } from "../../language/index.js";
import { isUnreadable, VadiError } from "../../common/errors.js";
import { readJson } from "../../files/read-json.js";
import type { Run, RunRecord } from "../../train/index.js";
import type { FactTable } from "../figures/figure.js";

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
      if (isUnreadable(error) || !(error instanceof VadiError)) throw error;
    }
  }
  return { name: undefined, layers: [] };
}

/** `linear model 10→1`, `MLP 10→40→20→1 (tanh, biases)`, `model “branched”, 49 weights` */
export function nameOfModel(
  texts: Texts,
  record: RunRecord,
  described: DescribedModel | undefined,
): string {
  const { options, layers, parameters } = record;
  if (isGiven(record)) {
    const name = described?.name ?? path.basename(path.dirname(options.model));
    return texts.training.givenModel(name, parameters);
  }
  const isLinear = options.model === "linear";
  const more = [
    ...(isLinear || options.activation === "relu" ? [] : [options.activation]),
    ...(options.bias ? [isLinear ? texts.training.bias : texts.training.biases] : []),
  ];
  const chain = layers.join("→");
  const widths = isLinear ? texts.training.linearModel(chain) : texts.training.mlp(chain);
  return more.length === 0 ? widths : `${widths} (${more.join(", ")})`;
}

/** The settings of the model. */
export function settingsOfModel(texts: Texts, record: RunRecord): FactTable["rows"] {
  const { options, layers, parameters } = record;
  const rows: FactTable["rows"] = [
    [texts.settings.model, isGiven(record) ? { path: options.model } : options.model],
  ];
  // The widths of other models, listed in a row, would suggest a chain of layers.
  if (!isGiven(record)) {
    rows.push([texts.settings.layers, layers.join(" → ")]);
    if (layers.length > 2) rows.push([texts.settings.activation, options.activation]);
    rows.push([texts.settings.biases, options.bias ? texts.settings.yes : texts.settings.none]);
  }
  rows.push([texts.settings.weights, parameters]);
  return rows;
}

function sizeOf(texts: Texts, { config }: DescribedLayer): string {
  const { units, filters, rate } = config;
  const shape = config["batch_input_shape"] ?? config["batchInputShape"];
  if (typeof units === "number") return texts.training.units(units);
  if (typeof filters === "number") return texts.training.filters(filters);
  if (typeof rate === "number") return texts.training.rate(rate);
  if (Array.isArray(shape)) {
    const sizes = shape.slice(1).filter((size) => typeof size === "number");
    return sizes.length === 0 ? "–" : texts.training.numbersPerRow(sizes);
  }
  return "–";
}

/** The layers of a given model, in the order of its files; undefined if there are none. */
export function layersTable(
  texts: Texts,
  described: DescribedModel | undefined,
): FactTable | undefined {
  if (!described || described.layers.length === 0) return undefined;
  const { layers } = described;
  return {
    kind: "table",
    id: "layers",
    title: texts.training.layers,
    ...(layers.length > listedLayers && {
      caption: texts.training.firstLayers(listedLayers, layers.length),
    }),
    columns: texts.training.layerColumns,
    rows: layers.slice(0, listedLayers).map((one) => {
      const bias = one.config["use_bias"] ?? one.config["useBias"];
      const { activation, name } = one.config;
      return [
        typeof name === "string" ? name : "–",
        one.kind,
        sizeOf(texts, one),
        typeof activation === "string" ? activation : "–",
        typeof bias === "boolean" ? (bias ? texts.training.yes : texts.training.no) : "–",
      ];
    }),
  };
}
