import { lossesOf, pointwise } from "./curves.js";
import type { SliceMethod } from "./types.js";
import { pointsOf } from "../points/grid.js";
import type { AnyGrid } from "../points/grid.js";

/**
 * The losses along several lines in one pass: those of the first line, then of the next.
 *
 * @param methods one per line, each for the same points
 * @param grid all lines
 */
export function sideBySide(methods: readonly SliceMethod[], grid: AnyGrid): SliceMethod {
  const [first] = methods;
  const points = grid.alphas.length;
  return {
    name: first!.name,
    simd: first!.simd,
    parallel: Math.min(...methods.map(({ parallel }) => parallel)),
    curves: pointwise(grid),
    async evaluate(batch, signal) {
      const found = await Promise.all(methods.map((method) => method.evaluate(batch, signal)));
      const losses = new Float64Array(pointsOf(grid));
      for (const [line, values] of found.entries()) {
        losses.set(lossesOf(methods[line]!.curves, points, values), line * points);
      }
      return losses;
    },
    async dispose() {
      for (const method of methods) await method.dispose();
    },
  };
}
