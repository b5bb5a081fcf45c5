import type { Language } from "../../language/index.js";
import type { ScaleSymmetry } from "../../landscape/index.js";
import type { FactTable, SurfaceMark } from "../figures/figure.js";
import type { PlaneGrid } from "./plane.js";

/** Points of the curve of minima. */
const CURVE_POINTS = 61;

/** The plane with the factors in place of α and β. */
export function overFactors({ alphas, betas, loss }: PlaneGrid): PlaneGrid {
  return { alphas: alphas.map((alpha) => 1 + alpha), betas: betas.map((beta) => 1 + beta), loss };
}

/** The valley's floor, the curve ab = c, and two of its points with the midpoint of both, as far as they lie on the plane. */
export function factorMarks(
  { texts }: Language,
  { alphas, betas }: PlaneGrid,
  { product, minimum, rise, ff }: ScaleSymmetry,
): SurfaceMark[] {
  if (product === undefined || minimum === undefined || rise === undefined) return [];
  const c = product.value;
  const [widest, highest] = [alphas.at(-1) ?? NaN, betas.at(-1) ?? NaN];
  const first = c / highest;
  if (!(first < widest)) return [];
  const curve = Array.from(
    { length: CURVE_POINTS },
    (_, at) => first * (widest / first) ** (at / (CURVE_POINTS - 1)),
  );
  const floor = minimum.value;
  const floorMark: SurfaceMark = {
    name: texts.landscape.floor,
    x: curve,
    y: curve.map((a) => c / a),
    z: curve.map(() => floor),
    role: "path",
  };
  // As far apart as the plane allows, at most by the factors of the record's number.
  const stretch = Math.min(2, widest / Math.sqrt(c), highest / Math.sqrt(c));
  const [far, near] = [stretch * Math.sqrt(c), Math.sqrt(c) / stretch];
  const middle = (far + near) / 2;
  const above = (middle ** 2 - c) ** 2 * ff.value;
  return [
    floorMark,
    { name: texts.landscape.twoMinima, x: [far, near], y: [near, far], z: [floor, floor] },
    { name: texts.landscape.midpoint(above), x: [middle], y: [middle], z: [floor + above] },
  ];
}

/** The means and what follows from them, each with its bound. */
export function factorTable(
  { texts }: Language,
  { ff, fy, yy, product, minimum, rise }: ScaleSymmetry,
): FactTable {
  const rows = [
    ["E[f²]", ff],
    ["E[f·y]", fy],
    ["E[y²]", yy],
    [texts.landscape.productOfFactors, product],
    [texts.landscape.lossOfFloor, minimum],
    [texts.landscape.riseOfMidpoint, rise],
  ] as const;
  return {
    kind: "table",
    id: "factors",
    title: texts.landscape.factorsTitle,
    caption: texts.landscape.factorsCaption,
    columns: [texts.landscape.quantity, texts.landscape.value, texts.landscape.errorBound],
    rows: rows.flatMap(([name, one]) => (one === undefined ? [] : [[name, one.value, one.bound]])),
  };
}
