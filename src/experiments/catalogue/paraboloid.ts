import path from "node:path";
import type { FactTable, LineFigure, SurfaceFigure } from "../../report/index.js";
import type { Texts } from "../../language/index.js";
import { factTable } from "../sections.js";
import type { Context, DeclaredExperiment } from "../types.js";

/** Rows 5 and 6 of the notebook: a surface over two weights, a cut through it, and a walk across it. */

const RANGE = 10;
const GRID = 41;
const STEPS = 100;

const paraboloid: DeclaredExperiment = {
  name: "paraboloid",
  describe: (_, { texts }) => texts.experiments.paraboloid,
  steps: [],
  defaults: {},
  async run(context) {
    const { texts } = context.language;
    const axis = Array.from({ length: GRID }, (_, i) => -RANGE + (2 * RANGE * i) / (GRID - 1));
    // On the plane x + y = 0, y = −x, so z = 2x².
    const cut = axis.map((x) => ({ x, y: -x, z: height(x, -x) }));
    const lowest = Math.min(...cut.map(({ z }) => z));
    return {
      results: { cut, lowest },
      sections: [
        {
          id: "surface",
          title: texts.experiments.surface,
          name: texts.experiments.surfaceName,
          text: texts.experiments.surfaceText,
          blocks: [{ ...surfaceFigure(texts, axis, cut), data: numbersOf(context) }],
        },
        {
          id: "cut",
          title: texts.experiments.cut,
          name: texts.experiments.cutName,
          text: texts.experiments.cutText,
          blocks: [
            { ...cutFigure(texts, cut), data: numbersOf(context) },
            settings(texts, [
              [texts.experiments.gridSetting, texts.experiments.gridOf(RANGE, GRID)],
              [texts.experiments.planeOfCut, "x + y = 0"],
              [texts.experiments.lowestOfCut, lowest],
            ]),
          ],
        },
      ],
    };
  },
};

interface Point {
  x: number;
  y: number;
  z: number;
}

function height(x: number, y: number): number {
  return x * x + y * y;
}

function surfaceFigure(
  texts: Texts,
  axis: readonly number[],
  cut: readonly Point[],
): SurfaceFigure {
  return {
    kind: "surface",
    id: "paraboloid",
    title: texts.experiments.surfaceTitle,
    caption: texts.experiments.surfaceCaption,
    x: { title: "x" },
    y: { title: "y" },
    z: { title: "z = x² + y²", symbol: "z" },
    xs: axis,
    ys: axis,
    zs: axis.map((y) => axis.map((x) => height(x, y))),
    marks: [
      {
        name: texts.experiments.pointsOnPlane,
        role: "path",
        x: cut.map(({ x }) => x),
        y: cut.map(({ y }) => y),
        z: cut.map(({ z }) => z),
      },
    ],
    cut: { name: texts.experiments.plane, x: [-RANGE, RANGE], y: [RANGE, -RANGE] },
  };
}

function cutFigure(texts: Texts, cut: readonly Point[]): LineFigure {
  const x = cut.map((point) => point.x);
  return {
    kind: "lines",
    id: "cut",
    title: texts.experiments.cut,
    caption: texts.experiments.cutCaption,
    x: { title: texts.experiments.cutAxis, symbol: "x" },
    y: { title: "z = x² + y² = 2x²", symbol: "z" },
    series: [
      { name: texts.experiments.pointsOnPlane, x, y: cut.map(({ z }) => z), role: "points" },
      { name: "z = 2x²", x, y: x.map((at) => 2 * at * at), role: "line" },
    ],
  };
}

const walk: DeclaredExperiment = {
  name: "walk",
  describe: (_, { texts }) => texts.experiments.walk,
  steps: [],
  defaults: {},
  async run(context) {
    const { number: numberOf, texts } = context.language;
    const step = (2 * RANGE) / STEPS;
    const steps = Array.from({ length: STEPS }, (_, index) => index);
    const heights = steps.map((index) => height(-RANGE + index * step, -RANGE + index * step));
    const lowest = heights.indexOf(Math.min(...heights));
    return {
      results: { heights, lowestStep: lowest, lowestHeight: heights[lowest] },
      sections: [
        {
          id: "walk",
          title: texts.experiments.walkTitle(lowest),
          name: texts.experiments.walkName,
          text: texts.experiments.walkText,
          blocks: [
            {
              kind: "lines",
              id: "walk",
              title: texts.experiments.walkFigure,
              caption: texts.experiments.walkCaption,
              x: { title: texts.experiments.walkAxis, symbol: texts.experiments.step },
              y: { title: texts.experiments.heightAxis, symbol: "z" },
              series: [{ name: texts.experiments.height, x: steps, y: heights, lowest: true }],
              data: numbersOf(context),
            },
            settings(texts, [
              [texts.experiments.start, `(−${RANGE}, −${RANGE})`],
              [texts.experiments.end, `(${RANGE}, ${RANGE})`],
              [texts.experiments.steps, STEPS],
              [texts.experiments.eachStep, `(${numberOf(step)}, ${numberOf(step)})`],
              [
                texts.experiments.lowestPoint,
                texts.experiments.lowestAt(heights[lowest] ?? NaN, lowest),
              ],
            ]),
          ],
        },
      ],
    };
  },
};

function settings(texts: Texts, rows: FactTable["rows"]): FactTable {
  const all: FactTable["rows"] = [[texts.experiments.function, "z = x² + y²"], ...rows];
  return factTable("settings", texts.experiments.settings, all, texts.experiments.value);
}

/** The file with the numbers of the figures. */
function numbersOf({ out, language }: Context): { file: string; what: string }[] {
  return [{ file: path.join(out, "results.json"), what: language.texts.experiments.pointsFile }];
}

export const paraboloidExperiments: readonly DeclaredExperiment[] = [paraboloid, walk];
