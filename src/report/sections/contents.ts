import type { Language, Texts } from "../../language/index.js";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Landscape } from "../../landscape/index.js";
import { openLandscape } from "../../landscape/index.js";
import type { Run } from "../../train/index.js";
import { openRun } from "../../train/index.js";
import { compareRuns } from "./compare.js";
import { experimentFile, readExperimentDocument, type ExperimentDocument } from "./experiment.js";
import type { FactTable, ReportSection } from "../figures/figure.js";
import { exists } from "../../files/folders.js";

/** How many levels of folders are searched. */
const deepest = 4;

/** What a folder contains. The name of each is its path within the folder. */
export interface Contents {
  dir: string;
  runs: { name: string; run: Run }[];
  landscapes: { name: string; landscape: Landscape }[];
  experiments: { name: string; dir: string; document: ExperimentDocument }[];
}

/** Finds the runs, landscapes and experiments below a folder; symbolic links are not followed. */
export async function contentsOf(dir: string): Promise<Contents> {
  const contents: Contents = { dir, runs: [], landscapes: [], experiments: [] };
  await search(dir, 0, contents);
  return contents;
}

async function search(folder: string, depth: number, contents: Contents): Promise<void> {
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
    await search(path.join(folder, entry.name), depth + 1, contents);
}

/** An overview of a folder: its runs compared, and lists of its landscapes and experiments. */
export async function sectionsOfContents(
  language: Language,
  contents: Contents,
): Promise<ReportSection[]> {
  const { texts } = language;
  const { runs, landscapes, experiments } = contents;
  const sections: ReportSection[] = [];
  if (runs.length > 0) {
    const compared = await compareRuns(
      language,
      runs.map(({ run }) => run),
      runs.map(({ name }) => name),
    );
    sections.push({ ...compared, name: texts.overview.runs(runs.length), open: true });
  }
  if (landscapes.length > 0)
    sections.push(listSection(texts, "landscapes", landscapeTable(texts, contents)));
  if (experiments.length > 0)
    sections.push(listSection(texts, "experiments", experimentTable(texts, contents)));
  return sections;
}

type List = Pick<FactTable, "columns" | "rows" | "data">;

function listSection(texts: Texts, id: "landscapes" | "experiments", list: List): ReportSection {
  const title = id === "landscapes" ? texts.overview.landscapes : texts.overview.experiments;
  return {
    id,
    title: texts.overview.counted(title, list.rows.length),
    open: true,
    blocks: [{ kind: "table", id: `${id}-found`, title, sortable: true, ...list }],
  };
}

function landscapeTable(texts: Texts, { landscapes }: Contents): List {
  return {
    columns: texts.overview.landscapeColumns,
    rows: landscapes.map(({ name, landscape: { record } }) => [
      name,
      record.kind,
      record.along,
      record.scale,
      record.alphas.length,
      record.batches.length,
      record.batchSize,
    ]),
  };
}

function experimentTable(texts: Texts, { dir, experiments }: Contents): List {
  const reports = experiments
    .map((one) => ({
      file: path.join(one.dir, "report.html"),
      what: one.name || texts.overview.thisFolder,
    }))
    .filter(({ file }) => exists(file));
  return {
    columns: texts.overview.experimentColumns,
    rows: experiments.map(({ name, document }) => [
      name || path.basename(dir),
      document.name,
      document.title,
    ]),
    ...(reports.length > 0 && { data: reports }),
  };
}
