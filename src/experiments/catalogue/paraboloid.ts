import path from "node:path";
import type { FactTable, LineFigure, SurfaceFigure } from "../../report/index.js";
import { factTable } from "../sections.js";
import type { Context, Experiment } from "../types.js";

/** Rows 5 and 6 of the notebook: a surface over two weights, a cut through it, and a walk across it. */

const RANGE = 10;
const GRID = 41;
const STEPS = 100;

const paraboloid: Experiment = {
  name: "paraboloid",
  title: "A paraboloid and a cut through it",
  describe: () =>
    "z = x² + y² over [−10, 10]², the points above x + y = 0, and the cut as a curve.",
  steps: [],
  defaults: {},
  async run(context) {
    const axis = Array.from({ length: GRID }, (_, i) => -RANGE + (2 * RANGE * i) / (GRID - 1));
    // On the plane x + y = 0, y = −x, so z = 2x².
    const cut = axis.map((x) => ({ x, y: -x, z: height(x, -x) }));
    const lowest = Math.min(...cut.map(({ z }) => z));
    return {
      results: { cut, lowest },
      sections: [
        {
          id: "surface",
          title: "The surface",
          text: "A loss with two weights is a surface over the plane of the weights. An upright plane cuts a curve out of it: a slice.",
          blocks: [{ ...surfaceFigure(axis, cut), data: numbersOf(context) }],
        },
        {
          id: "cut",
          title: "The cut",
          text: "Along x + y = 0 the surface is the curve z = 2x².",
          blocks: [
            { ...cutFigure(cut), data: numbersOf(context) },
            settings([
              ["x and y", `−${RANGE} … ${RANGE} in ${GRID} points each`],
              ["plane of the cut", "x + y = 0"],
              ["lowest point of the cut", lowest],
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

function surfaceFigure(axis: readonly number[], cut: readonly Point[]): SurfaceFigure {
  return {
    kind: "surface",
    id: "paraboloid",
    title: "z = x² + y² and its points on the plane x + y = 0",
    caption:
      "Look at where the upright plane x + y = 0 cuts the surface: its points go down to the valley’s floor and up again.",
    x: { title: "x" },
    y: { title: "y" },
    z: { title: "z = x² + y²", symbol: "z" },
    xs: axis,
    ys: axis,
    zs: axis.map((y) => axis.map((x) => height(x, y))),
    marks: [
      {
        name: "points with x + y = 0",
        role: "path",
        x: cut.map(({ x }) => x),
        y: cut.map(({ y }) => y),
        z: cut.map(({ z }) => z),
      },
    ],
    cut: { name: "plane x + y = 0", x: [-RANGE, RANGE], y: [RANGE, -RANGE] },
  };
}

function cutFigure(cut: readonly Point[]): LineFigure {
  const x = cut.map((point) => point.x);
  return {
    kind: "lines",
    id: "cut",
    title: "The cut z = 2x²",
    caption: "Look at the parabola: a slice through a bowl is a bowl.",
    x: { title: "x, with y = −x", symbol: "x" },
    y: { title: "z = x² + y² = 2x²", symbol: "z" },
    series: [
      { name: "points with x + y = 0", x, y: cut.map(({ z }) => z), role: "points" },
      { name: "z = 2x²", x, y: x.map((at) => 2 * at * at), role: "line" },
    ],
  };
}

const walk: Experiment = {
  name: "walk",
  title: "A walk across the paraboloid",
  describe: () => "From (−10, −10) to (10, 10) in 100 equal steps, the height against the step.",
  steps: [],
  defaults: {},
  async run(context) {
    const step = (2 * RANGE) / STEPS;
    const steps = Array.from({ length: STEPS }, (_, index) => index);
    const heights = steps.map((index) => height(-RANGE + index * step, -RANGE + index * step));
    const lowest = heights.indexOf(Math.min(...heights));
    return {
      results: { heights, lowestStep: lowest, lowestHeight: heights[lowest] },
      sections: [
        {
          id: "walk",
          title: "The walk",
          text: "A straight walk across the bowl draws a parabola, with the step's number in place of a coordinate. It stops one step before its end.",
          blocks: [
            {
              kind: "lines",
              id: "walk",
              title: "Height against the step's number",
              caption: "Look for the lowest point half-way: the walk goes through the minimum.",
              x: { title: "step from (−10, −10) towards (10, 10), of 100", symbol: "step" },
              y: { title: "height z = x² + y²", symbol: "z" },
              series: [{ name: "height", x: steps, y: heights, lowest: true }],
              data: numbersOf(context),
            },
            settings([
              ["start", `(−${RANGE}, −${RANGE})`],
              ["end", `(${RANGE}, ${RANGE})`],
              ["steps", STEPS],
              ["each step", `(${step}, ${step})`],
              ["lowest point", `z = ${heights[lowest]} at step ${lowest}`],
            ]),
          ],
        },
      ],
    };
  },
};

function settings(rows: FactTable["rows"]): FactTable {
  return factTable("settings", "Settings", [["function", "z = x² + y²"], ...rows]);
}

/** The file with the numbers of the figures. */
function numbersOf({ out }: Context): { file: string; what: string }[] {
  return [{ file: path.join(out, "results.json"), what: "the points and their heights" }];
}

export const paraboloidExperiments: readonly Experiment[] = [paraboloid, walk];
