import type { Language } from "../../language/index.js";
import path from "node:path";
import { isRemote } from "../../storage/index.js";
import { openReference, type Dataset, type DatasetReference } from "../../stream/index.js";
import type { RunRecord } from "../../train/index.js";
import type { FactTable, ReportSection } from "../figures/figure.js";

const formats = { arrow: "Arrow", parquet: "Parquet" };

/** What a run records of its dataset. */
export type DatasetHint = RunRecord["dataset"];

/**
 * Opens the dataset of a record if it still exists and is unchanged. The path in a record is only a hint.
 */
export async function datasetOf(hint: DatasetReference): Promise<Dataset | undefined> {
  // A report of a stranger's run must not send anything to an address that it names.
  if (isRemote(hint.path)) return undefined;
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
  { texts, number }: Language,
  hint: DatasetHint,
  dataset?: Dataset,
): ReportSection {
  const kinds: Readonly<Record<string, string>> = texts.settings.kinds;
  const rows: FactTable["rows"] = [
    [texts.settings.name, path.basename(hint.path)],
    [texts.settings.kind, Object.hasOwn(kinds, hint.kind) ? kinds[hint.kind]! : hint.kind],
    [texts.settings.rows, hint.rows],
    [texts.settings.features, hint.features],
  ];
  if (dataset) {
    const { manifest } = dataset;
    const bytes = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0);
    if ("noise" in manifest) {
      rows.push(
        [texts.settings.noise, manifest.noise],
        [texts.settings.seed, String(manifest.seed)],
      );
    } else rows.push([texts.settings.target, dataset.targetName]);
    const format = formats[manifest.format];
    rows.push([
      texts.settings.files,
      texts.settings.fileCount(manifest.shards.length, format, bytes),
    ]);
    if (manifest.kind === "two-layer-sigmoid") {
      const maxima = manifest.constants.maxima.map((one) => number(one)).join("; ");
      rows.push([texts.settings.maxima, maxima]);
    }
    if (manifest.kind !== "foreign") {
      rows.push([
        texts.settings.madeBy,
        `${manifest.generator.name} ${manifest.generator.version}`,
      ]);
    }
  }
  rows.push(
    [texts.settings.fingerprint, hint.fingerprint],
    [texts.settings.folder, { path: hint.path }],
  );
  return {
    id: "dataset",
    title: texts.settings.datasetTitle,
    ...(dataset === undefined && { notice: texts.settings.datasetGone }),
    blocks: [
      {
        kind: "table",
        id: "dataset-facts",
        title: texts.settings.facts,
        columns: [texts.settings.fact, texts.settings.value],
        rows,
      },
    ],
  };
}
