import { formatNumber } from "../common/text/numbers.js";
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

/** Puts sections into a part of the report, with ids of their own. */
function inPart(sections: ReportSection[], id: string, part: string): ReportSection[] {
  return sections.map((section) => ({ ...section, id: `${section.id}-${id}`, part }));
}

/** The facts of a dataset. */
export function datasetSection(dataset: Dataset, id: string, part: string): ReportSection[] {
  const { path, fingerprint, rows, features, manifest } = dataset;
  const facts = { path, fingerprint, rows, features, kind: manifest.kind };
  return inPart([sectionOfDataset(facts, dataset)], id, part);
}

/** The training and settings of a run, without its dataset, which the report describes once. */
export async function runSections(run: Run, id: string, part: string): Promise<ReportSection[]> {
  const sections = await sectionsOfRun(run, await datasetOf(run.record.dataset));
  return inPart(
    sections.filter((section) => section.id !== "dataset"),
    id,
    part,
  );
}

/** The slices and settings of a landscape. */
export async function lineSections(
  made: Landscape,
  id: string,
  part: string,
): Promise<ReportSection[]> {
  return inPart(await sectionsOfLandscape(made), id, part);
}

/** The slices of a zoom beside those of a wide view of the same line, then the tables and settings of each. */
export async function zoomSections(
  zoom: Landscape,
  wide: Landscape,
  part: string,
): Promise<ReportSection[]> {
  const [near, nearSettings] = await sectionsOfLandscape(zoom);
  const [far, farSettings] = await sectionsOfLandscape(wide);
  if (!near || !nearSettings || !far || !farSettings) return [];
  const [nearFigure, ...nearOthers] = near.blocks;
  const [farFigure, ...farOthers] = far.blocks;
  if (nearFigure?.kind !== "lines" || farFigure?.kind !== "lines") return [];
  const [from, to] = [zoom.record.alphas[0] ?? NaN, zoom.record.alphas.at(-1) ?? NaN];
  const width = `${formatNumber(to - from)} wide`;
  return [
    ...inPart(
      [
        {
          ...near,
          title: "The zoom beside the wide view",
          text: `${near.text ?? ""} The wide view shows the same direction; the range of the zoom is marked in it.`,
          blocks: [
            { ...nearFigure, title: `The zoom: ${lowered(nearFigure.title)}` },
            {
              ...farFigure,
              id: "slices-wide",
              title: `The wide view: ${lowered(farFigure.title)}`,
              caption:
                "Look for the mark: what is one curved valley here may be a straight slope or a flat floor within it.",
              beside: true,
              span: { name: `range of the zoom, ${width}`, from, to },
            },
            ...nearOthers,
          ],
        },
        { ...nearSettings, title: "Settings of the zoom" },
      ],
      "zoom",
      part,
    ),
    ...inPart(
      [
        { ...far, title: "The wide view in numbers", blocks: farOthers },
        { ...farSettings, title: "Settings of the wide view" },
      ],
      "wide",
      part,
    ),
  ];
}

function lowered(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
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
