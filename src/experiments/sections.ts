import type { FactTable, LineFigure, ReportSection } from "../report/index.js";
import {
  datasetOf,
  sectionOfDataset,
  sectionsOfLandscape,
  sectionsOfRun,
} from "../report/index.js";
import type { Language } from "../language/index.js";
import type { Landscape } from "../landscape/index.js";
import type { Dataset } from "../stream/index.js";
import type { Run } from "../train/index.js";

/** What sections need of an experiment. */
type Reader = { language: Language };

/** Puts sections into a part of the report, with ids of their own. */
function inPart(sections: ReportSection[], id: string, part: string): ReportSection[] {
  return sections.map((section) => ({ ...section, id: `${section.id}-${id}`, part }));
}

/** The facts of a dataset. */
export function datasetSection(
  { language }: Reader,
  dataset: Dataset,
  id: string,
  part: string,
): ReportSection[] {
  const { path, fingerprint, rows, features, manifest } = dataset;
  const facts = { path, fingerprint, rows, features, kind: manifest.kind };
  return inPart([sectionOfDataset(language, facts, dataset)], id, part);
}

/**
 * The training and settings of a run, without its dataset, which the report describes once.
 *
 * @param plane along the run’s path
 */
export async function runSections(
  { language }: Reader,
  run: Run,
  id: string,
  part: string,
  plane?: Landscape,
): Promise<ReportSection[]> {
  const sections = await sectionsOfRun(language, run, await datasetOf(run.record.dataset), plane);
  return inPart(
    sections.filter((section) => section.id !== "dataset"),
    id,
    part,
  );
}

/** The slices and settings of a landscape. */
export async function lineSections(
  { language }: Reader,
  made: Landscape,
  id: string,
  part: string,
): Promise<ReportSection[]> {
  return inPart(await sectionsOfLandscape(language, made), id, part);
}

/** The slices of a zoom beside those of a wide view of the same line, then the tables and settings of each. */
export async function zoomSections(
  { language }: Reader,
  zoom: Landscape,
  wide: Landscape,
  part: string,
): Promise<ReportSection[]> {
  const [near, nearSettings] = await sectionsOfLandscape(language, zoom);
  const [far, farSettings] = await sectionsOfLandscape(language, wide);
  if (!near || !nearSettings || !far || !farSettings) return [];
  const [nearFigure, ...nearOthers] = near.blocks;
  // Far from the weights losses span decades: there a logarithmic axis shows more.
  const farFigure =
    far.blocks.find(({ id }) => id === "slices-log") ??
    far.blocks.find(({ kind }) => kind === "lines");
  const farOthers = far.blocks.filter(({ kind }) => kind === "table");
  if (nearFigure?.kind !== "lines" || farFigure?.kind !== "lines") return [];
  const [from, to] = [zoom.record.alphas[0] ?? NaN, zoom.record.alphas.at(-1) ?? NaN];
  const { texts } = language;
  return [
    ...inPart(
      [
        {
          ...near,
          name: texts.experiments.zoomName,
          text: `${near.text ?? ""} ${texts.experiments.zoomText}`,
          blocks: [
            { ...nearFigure, title: texts.experiments.zoom },
            {
              ...withoutProbe(farFigure),
              id: "slices-wide",

              title: texts.experiments.wide,
              caption: texts.experiments.wideCaption,
              beside: true,
              span: { name: texts.experiments.zoomRange(to - from), from, to },
            },
            ...nearOthers.filter(({ kind }) => kind === "table"),
          ],
        },
        { ...nearSettings, title: texts.experiments.zoomSettings },
      ],
      "zoom",
      part,
    ),
    ...inPart(
      [
        { ...far, title: texts.experiments.wideNumbers, blocks: farOthers },
        { ...farSettings, title: texts.experiments.wideSettings },
      ],
      "wide",
      part,
    ),
  ];
}

function withoutProbe({ probe: _probe, ...figure }: LineFigure): LineFigure {
  return figure;
}

/**
 * A table of names and values.
 *
 * @param value the name of the column of values, for those who hear the table
 */
export function factTable(
  id: string,
  title: string,
  rows: FactTable["rows"],
  value = "value",
): FactTable {
  return {
    kind: "table",
    id,
    title,
    columns: ["", value],
    rows,
  };
}
