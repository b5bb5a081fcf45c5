import type { FactTable, ReportSection } from "../report/index.js";
import {
  datasetOf,
  sectionOfDataset,
  sectionsOfLandscape,
  sectionsOfRun,
} from "../report/index.js";
import type { Landscape } from "../landscape/index.js";
import type { Dataset } from "../stream/index.js";
import type { Run } from "../train/index.js";

/** Gives sections a heading of their own in a report of several parts. */
function inPart(sections: ReportSection[], id: string, part: string): ReportSection[] {
  return sections.map((section) => ({ ...section, id: `${section.id}-${id}`, part }));
}

/** What a dataset holds. */
export function datasetSection(dataset: Dataset, id: string, part: string): ReportSection[] {
  const { path, fingerprint, rows, features, manifest } = dataset;
  const facts = { path, fingerprint, rows, features, kind: manifest.kind };
  return inPart([sectionOfDataset(facts, dataset)], id, part);
}

/** How a run went; its dataset is described once, elsewhere in the report. */
export async function runSections(run: Run, id: string, part: string): Promise<ReportSection[]> {
  const sections = await sectionsOfRun(run, await datasetOf(run.record.dataset));
  return inPart(
    sections.filter((section) => section.id !== "dataset"),
    id,
    part,
  );
}

/**
 * A landscape's slices.
 *
 * @param title for the first section, where a part has several landscapes
 */
export async function lineSections(
  made: Landscape,
  id: string,
  part: string,
  title?: string,
): Promise<ReportSection[]> {
  const [first, ...others] = await sectionsOfLandscape(made);
  if (first === undefined) return [];
  return inPart([{ ...first, title: title ?? first.title }, ...others], id, part);
}

/** A table of names and values. */
export function factTable(
  id: string,
  title: string,
  rows: FactTable["rows"],
  caption?: string,
): FactTable {
  return {
    kind: "table",
    id,
    title,
    columns: ["", "value"],
    rows,
    ...(caption === undefined ? {} : { caption }),
  };
}
