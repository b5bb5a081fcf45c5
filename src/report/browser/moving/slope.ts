// Slopes of curves that are known at points.

/** A curve's points; x ascends. */
export interface Curve {
  x: Float64Array;
  y: Float64Array;
}

/** The parabola through three points, as its derivatives at the middle one. */
function parabola({ x, y }: Curve, middle: number): { slope: number; bend: number } {
  const [a, b, c] = [x[middle - 1]!, x[middle]!, x[middle + 1]!];
  const before = (y[middle]! - y[middle - 1]!) / (b - a);
  const after = (y[middle + 1]! - y[middle]!) / (c - b);
  const bend = (2 * (after - before)) / (c - a);
  return { slope: before + (bend * (b - a)) / 2, bend };
}

/** The slope at a point, by the parabola through it and its neighbours; exact for a parabola. NaN of fewer points. */
export function slopeAt(curve: Curve, index: number): number {
  const { x } = curve;
  const middle = Math.min(x.length - 2, Math.max(1, index));
  if (middle < 1) return NaN;
  const { slope, bend } = parabola(curve, middle);
  return slope + bend * (x[index]! - x[middle]!);
}

/** The index of the lowest point; −1 if there is none. */
export function lowestIndex({ y }: Curve): number {
  let lowest = -1;
  y.forEach((value, index) => {
    if (Number.isFinite(value) && (lowest < 0 || value < y[lowest]!)) lowest = index;
  });
  return lowest;
}

/** The index of the steepest place within the curve. */
export function steepestIndex(curve: Curve): number {
  let steepest = Math.min(1, curve.x.length - 1);
  for (let index = 1; index < curve.x.length - 1; index++) {
    if (Math.abs(slopeAt(curve, index)) > Math.abs(slopeAt(curve, steepest))) steepest = index;
  }
  return steepest;
}

/** The second derivative L″ at the lowest point; NaN if that is an end of the curve. */
export function bendAtLowest(curve: Curve): number {
  const lowest = lowestIndex(curve);
  return lowest < 1 || lowest > curve.x.length - 2 ? NaN : parabola(curve, lowest).bend;
}

/** The value between two points, on the straight line through them; NaN outside the curve. */
export function valueAt({ x, y }: Curve, at: number): number {
  const after = x.findIndex((value) => value >= at);
  if (after < 0 || (after === 0 && x[0] !== at)) return NaN;
  if (after === 0) return y[0]!;
  const part = (at - x[after - 1]!) / (x[after]! - x[after - 1]!);
  return y[after - 1]! + part * (y[after]! - y[after - 1]!);
}
