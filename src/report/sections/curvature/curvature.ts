import path from "node:path";
import { withError } from "../../../common/text/numbers.js";
import type {
  CurvatureRecord,
  CurvatureResult,
  Estimate,
  HessianEigenvalue,
} from "../../../curvature/index.js";
import type { Language } from "../../../language/index.js";
import type { FactTable, LineFigure, ReportSection } from "../../figures/figure.js";
import { batchesSection } from "./batches.js";
import { densityFigure } from "./density.js";
import { pathSection } from "./path.js";

/** A curvature: its spectrum, what there is of single batches and of the training's path, and its settings. */
export async function sectionsOfCurvature(
  language: Language,
  result: CurvatureResult,
): Promise<ReportSection[]> {
  const { perBatch, alongPath } = result.record;
  return [
    await spectrumSection(language, result),
    ...(alongPath === null ? [] : [await pathSection(language, result)]),
    ...(perBatch === null ? [] : [await batchesSection(language, result)]),
    settingsOf(language, result.record),
  ];
}

async function spectrumSection(
  language: Language,
  result: CurvatureResult,
): Promise<ReportSection> {
  const { record } = result;
  const { texts } = language;
  const { rows, products, method } = record;
  return {
    id: "curvature",
    title: claimOf(language, record),
    name: texts.curvature.name,
    text: texts.curvature.text(rows, products, method === "matrix"),
    blocks: [
      ...(record.negative === null ? [] : [await densityFigure(texts, result)]),
      ...endFigures(language, result),
      spectrumTable(language, record),
      pairsTable(language, record),
      ...(record.kinks === null ? [] : [kinksTable(language, record)]),
    ],
  };
}

/** What the eigenvalues say of convexity, in a sentence. */
function claimOf(language: Language, { part, least, largest }: CurvatureRecord): string {
  const { curvature } = language.texts;
  const [low, high] = [least[0]!, largest[0]!];
  const [below, above] = [shown(language, low), shown(language, high)];
  if (part === "gauss-newton") return curvature.ofGaussNewton(above);
  if (part === "residual") return curvature.ofResiduals(below, above);
  if (low.eigenvalue + low.residual < 0) return curvature.notConvex(below);
  return low.eigenvalue - low.residual > 0
    ? curvature.noneNegative(below)
    : curvature.unknown(below);
}

function shown({ number }: Language, { eigenvalue, residual }: HessianEigenvalue): string {
  return `${number(eigenvalue, 4)} ± ${number(residual, 2)}`;
}

/** The eigenvalues at each end in their order, where there are several. */
function endFigures({ texts }: Language, { record, dir }: CurvatureResult): LineFigure[] {
  const { curvature } = texts;
  if (record.least.length < 2) return [];
  return (["least", "largest"] as const).map((end) => {
    const values = record[end].map(({ eigenvalue }) => eigenvalue);
    const places = values.map((_, at) => at + 1);
    return {
      kind: "lines",
      id: `curvature-${end}`,
      title: end === "least" ? curvature.leastTitle : curvature.largestTitle,
      caption: curvature.endsCaption,
      x: { title: curvature.placeAxis, symbol: curvature.place },
      y: { title: curvature.eigenvalueAxis, symbol: "λ" },
      series: [
        { name: curvature.eigenvalue, role: "points", x: places, y: values },
        { name: curvature.zero, role: "reference", x: [1, places.length], y: [0, 0] },
      ],
      ...(end === "largest" && { beside: true }),
      data: [{ file: path.join(dir, "eigenpairs.parquet"), what: curvature.eigenpairsFile }],
    };
  });
}

function spectrumTable({ texts, number }: Language, record: CurvatureRecord): FactTable {
  const { curvature } = texts;
  const { rows, parameters, trace, negative, products, passes } = record;
  const estimate = (one: Estimate): string => withError(one, number, 4);
  return {
    kind: "table",
    id: "curvature-spectrum",
    title: curvature.spectrumTable,
    columns: ["", curvature.value],
    rows: [
      [curvature.rows, rows],
      [curvature.parameters, parameters],
      [curvature.trace, estimate(trace)],
      ...(negative === null
        ? []
        : [
            [curvature.negativeCount, estimate(negative.count)],
            [curvature.negativeSum, estimate(negative.sum)],
          ]),
      [curvature.products, products],
      [curvature.passes, passes],
    ],
  };
}

function pairsTable({ texts, number }: Language, record: CurvatureRecord): FactTable {
  const { curvature } = texts;
  const rowsOf = (name: string, pairs: readonly HessianEigenvalue[]): FactTable["rows"] =>
    pairs.map(({ eigenvalue, residual, converged }, at) => [
      name,
      at + 1,
      number(eigenvalue, 6),
      number(residual, 2),
      converged ? curvature.yes : curvature.no,
    ]);
  return {
    kind: "table",
    id: "curvature-pairs",
    title: curvature.pairsTable,
    columns: [
      curvature.end,
      curvature.place,
      curvature.eigenvalue,
      curvature.residual,
      curvature.converged,
    ],
    rows: [...rowsOf(curvature.least, record.least), ...rowsOf(curvature.largest, record.largest)],
  };
}

/** What the kinks add along the first eigenvector of each end. */
export function kinksTable({ texts }: Language, record: CurvatureRecord): FactTable {
  const { curvature } = texts;
  return {
    kind: "table",
    id: "curvature-kinks",
    title: curvature.kinksTable,
    columns: [
      curvature.eigenvector,
      curvature.radius,
      curvature.rows,
      curvature.switches,
      curvature.secondDifference,
      curvature.fromKinks,
      curvature.eigenvalue,
    ],
    rows: (record.kinks ?? []).map(({ direction, radius, switches, quotient, fromKinks }) => [
      direction === 1 ? curvature.ofLeast : curvature.ofLargest,
      radius,
      record.rows,
      switches,
      quotient,
      fromKinks,
      (direction === 1 ? record.least : record.largest)[0]!.eigenvalue,
    ]),
  };
}

function settingsOf({ texts }: Language, record: CurvatureRecord): ReportSection {
  const { curvature } = texts;
  const { part, batches, batchSize, vectors, tolerance, seed, probes, method } = record;
  return {
    id: "curvature-settings",
    title: curvature.settings,
    blocks: [
      {
        kind: "table",
        id: "curvature-settings-table",
        title: curvature.settings,
        columns: [curvature.setting, curvature.value],
        rows: [
          [curvature.part, part],
          [curvature.batches, batches?.length ?? curvature.all],
          [curvature.batchSize, batchSize],
          [curvature.vectors, vectors],
          [curvature.tolerance, tolerance],
          [curvature.seed, String(seed)],
          [curvature.probes, probes],
          [curvature.method, method],
          [curvature.run, { path: record.run }],
          [curvature.dataset, { path: record.dataset.path }],
        ],
      },
    ],
    command: record.command,
  };
}
