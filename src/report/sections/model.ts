import path from "node:path";
import { z } from "zod";
import { VadiError } from "../../common/errors.js";
import { readJson } from "../../files/read-json.js";
import type { Run, RunRecord } from "../../train/index.js";
import type { FactTable } from "../figures/figure.js";
import { formatNumber } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";

/** Layers are listed one by one up to so many. */
const listedLayers = 60;

/** Where a run's folder has its model's description; in `model` alone a standardisation is folded in. */
const places = ["weights", "model", "initial"];

/** A layer as it stands in a model.json; of what it holds, what a report tells. */
interface DescribedLayer {
  kind: string;
  config: Record<string, unknown>;
}

const layer = z
  .object({ class_name: z.string(), config: z.record(z.string(), z.unknown()) })
  .transform((one): DescribedLayer => ({ kind: one.class_name, config: one.config }));

/** What a report reads of a model.json: some versions keep the model under `model_config`. */
const modelSchema = z.object({
  modelTopology: z
    .union([z.object({ model_config: layer }).transform((one) => one.model_config), layer])
    .transform(({ config }) => ({
      name: typeof config["name"] === "string" ? config["name"] : undefined,
      layers: z.array(layer).catch([]).parse(config["layers"]),
    })),
});

/** A model that is no chain of dense layers which vadi makes itself. */
export interface DescribedModel {
  /** Its own name, if its files tell it. */
  name: string | undefined;
  layers: DescribedLayer[];
}

/** Whether the model came as a file or a tfjs model, and not as `linear` or `mlp`. */
function isGiven({ options }: RunRecord): boolean {
  return !/^(?:linear|mlp(?::[\d,]+)?)$/.test(options.model);
}

/** The description of a model that was given to the run, from the run's own folder; undefined of `linear` and `mlp`. */
export async function describedModel(run: Run): Promise<DescribedModel | undefined> {
  if (!isGiven(run.record)) return undefined;
  for (const place of places) {
    const file = path.join(run.dir, place, "model.json");
    try {
      return (await readJson(file, modelSchema, "a model")).modelTopology;
    } catch (error) {
      // A run that goes on has no model yet, and a report can do without the list of its layers.
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

/** The rows of the settings that say what the model is. */
export function settingsOfModel(record: RunRecord): FactTable["rows"] {
  const { options, layers, parameters } = record;
  const rows: FactTable["rows"] = [["model", options.model]];
  // Of other models the widths alone, in a row, would say that they are a chain.
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

/** The layers of a given model, in the order of its files; undefined where there is nothing to list. */
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
