import type { Language } from "../../language/index.js";
import path from "node:path";
import { openReference, type Dataset, type DatasetReference } from "../../stream/index.js";
import type { RunRecord } from "../../train/index.js";
import type { FactTable, ReportSection } from "../figures/figure.js";
import { formatNumber } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
import { formatBytes } from "../../common/text/sizes.js";

const kinds: Record<string, string> = {
  lsm: "LSM, y = Xw + noise",
  "two-layer-sigmoid": "two-layer sigmoid",
  table: "converted from a table",
  foreign: "table of another program",
};

const formats = { arrow: "Arrow", parquet: "Parquet" };

/** What a run records of its dataset. */
export type DatasetHint = RunRecord["dataset"];

/**
 * Opens the dataset of a record if it still exists and is unchanged. The path in a record is only a hint.
 */
export async function datasetOf(hint: DatasetReference): Promise<Dataset | undefined> {
  try {
    const dataset = await openReference(hint);
    return dataset.fingerprint === hint.fingerprint ? dataset : undefined;
  } catch {
    // Moved, deleted or changed: the report says so and does without it.
    return undefined;
  }
}

/** The facts of a dataset; without the dataset, those in the record. */
export function sectionOfDataset(
  _language: Language,
  hint: DatasetHint,
  dataset?: Dataset,
): ReportSection {
  const rows: FactTable["rows"] = [
    ["name", path.basename(hint.path)],
    ["kind", kinds[hint.kind] ?? hint.kind],
    ["rows", hint.rows],
    ["features", hint.features],
  ];
  if (dataset) {
    const { manifest } = dataset;
    const bytes = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0);
    if ("noise" in manifest) {
      rows.push(["noise (standard deviation)", manifest.noise], ["seed", String(manifest.seed)]);
    } else rows.push(["target", dataset.targetName]);
    rows.push([
      "files",
      `${countedExactly(manifest.shards.length, `${formats[manifest.format]} file`)}, ${formatBytes(bytes)}`,
    ]);
    if (manifest.kind === "two-layer-sigmoid") {
      const [first, second] = manifest.constants.maxima;
      rows.push(["maxima over all rows (a, y)", `${formatNumber(first)}, ${formatNumber(second)}`]);
    }
    if (manifest.kind !== "foreign") {
      rows.push(["made by", `${manifest.generator.name} ${manifest.generator.version}`]);
    }
  }
  rows.push(["fingerprint (SHA-256)", hint.fingerprint], ["folder", { path: hint.path }]);
  return {
    id: "dataset",
    title: "Dataset",
    ...(dataset === undefined && {
      notice:
        "The dataset is no longer in its folder, or it has changed. These facts are those that the run recorded.",
    }),
    blocks: [
      { kind: "table", id: "dataset-facts", title: "Facts", columns: ["fact", "value"], rows },
    ],
  };
}
