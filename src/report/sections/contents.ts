import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Landscape } from "../../landscape/index.js";
import { openLandscape } from "../../landscape/index.js";
import type { Run } from "../../train/index.js";
import { openRun } from "../../train/index.js";
import { compareRuns } from "./compare.js";
import { experimentFile, readExperimentDocument, type ExperimentDocument } from "./experiment.js";
import type { ReportSection } from "../figures/figure.js";
import { formatNumber } from "../../common/text/numbers.js";

/** How deep below a folder its runs are looked for. */
const deepest = 4;

/** What lies in a folder of runs, each by its path within the folder. */
export interface Contents {
  dir: string;
  runs: { name: string; run: Run }[];
  landscapes: { name: string; landscape: Landscape }[];
  experiments: { name: string; dir: string; document: ExperimentDocument }[];
}

/** Finds the runs, landscapes and experiments below a folder; links are not followed. */
export async function contentsOf(dir: string): Promise<Contents> {
  const contents: Contents = { dir, runs: [], landscapes: [], experiments: [] };
  await look(dir, 0, contents);
  return contents;
}

async function look(folder: string, depth: number, contents: Contents): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const name = path.relative(contents.dir, folder).split(path.sep).join("/");
  const has = (file: string): boolean =>
    entries.some((entry) => entry.name === file && entry.isFile());
  // A dataset has thousands of files and no runs in it.
  if (has("manifest.json")) return;
  if (has("run.json")) contents.runs.push({ name, run: await openRun(folder) });
  if (has("landscape.json")) {
    contents.landscapes.push({ name, landscape: await openLandscape(folder) });
    return;
  }
  if (has(experimentFile)) {
    const document = await readExperimentDocument(folder);
    contents.experiments.push({ name, dir: folder, document });
  }
  if (depth === deepest) return;
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  for (const entry of below.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    await look(path.join(folder, entry.name), depth + 1, contents);
}

/** An overview: the runs beside each other, and what else there is with links to it. */
export async function sectionsOfContents(contents: Contents): Promise<ReportSection[]> {
  const { dir, runs, landscapes, experiments } = contents;
  const sections: ReportSection[] = [];
  if (runs.length > 0) {
    const compared = await compareRuns(
      runs.map(({ run }) => run),
      runs.map(({ name }) => name),
    );
    sections.push({ ...compared, title: `Runs (${formatNumber(runs.length)})` });
  }
  if (landscapes.length > 0) {
    sections.push({
      id: "landscapes",
      title: `Landscapes (${formatNumber(landscapes.length)})`,
      blocks: [
        {
          kind: "table",
          id: "landscapes-found",
          title: "Landscapes",
          sortable: true,
          columns: ["landscape", "kind", "along", "scale", "points", "batches", "batch size"],
          rows: landscapes.map(({ name, landscape: { record } }) => [
            name,
            record.kind,
            record.along,
            record.scale,
            record.alphas.length,
            record.batches.length,
            record.batchSize,
          ]),
        },
      ],
    });
  }
  if (experiments.length > 0) {
    const reports = experiments
      .map((one) => ({ file: path.join(one.dir, "report.html"), what: one.name || "this folder" }))
      .filter(({ file }) => existsSync(file));
    sections.push({
      id: "experiments",
      title: `Experiments (${formatNumber(experiments.length)})`,
      blocks: [
        {
          kind: "table",
          id: "experiments-found",
          title: "Experiments",
          sortable: true,
          columns: ["folder", "experiment", "title"],
          rows: experiments.map(({ name, document }) => [
            name || path.basename(dir),
            document.name,
            document.title,
          ]),
          ...(reports.length > 0 && { data: reports }),
        },
      ],
    });
  }
  return sections;
}
