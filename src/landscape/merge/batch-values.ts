import path from "node:path";
import { failure, usageError } from "../../common/errors.js";
import { pointwise, quadratic, scaleSymmetric } from "../methods/curves.js";
import type { Curves } from "../methods/curves.js";
import { linesOf } from "../points/grid.js";
import type { Grid } from "../points/grid.js";
import type { Landscape } from "../points/types.js";
import { recordFile } from "../store/record.js";
import { readMeans } from "../store/tables.js";
import { meansFile } from "./finish.js";
import { exists } from "../../files/folders.js";

/** Batches' numbers, and the values that a method computed for each. */
type BatchValues = AsyncGenerator<[number, Float64Array], void, void>;

/**
 * Reads the values of the batches of landscapes that are merged: of the linear model the means that the
 * method computed, so that the result is computed from the same numbers as one landscape of all
 * batches; otherwise, or where a part has no means, the losses.
 *
 * @throws a usage error where a part has neither
 */
export function valuesOfParts(
  parts: readonly Landscape[],
  grid: Pick<Grid, "alphas" | "betas">,
): { curves: Curves; valuesOf: (part: Landscape) => BatchValues } {
  if (parts.every(({ dir }) => exists(path.join(dir, meansFile)))) {
    const curves =
      parts[0]?.record.method === "scale-sums" ? scaleSymmetric(grid) : quadratic(grid);
    return { curves, valuesOf: (part) => meansOf(part, curves.means) };
  }
  checkCurves(parts);
  return { curves: pointwise(grid), valuesOf: lossesOf };
}

function checkCurves(parts: readonly Landscape[]): void {
  for (const { dir, record } of parts) {
    if (record.keep === "summary") {
      throw usageError(
        (option) =>
          `${dir} holds no curves of single batches, which a merge needs; make it with ${option("keep")} all.`,
      );
    }
  }
}

/** @yields each batch's losses */
async function* lossesOf(part: Landscape): BatchValues {
  const { alphas } = part.record;
  const betas = linesOf(part.record);
  const curves = await part.curves();
  for (let at = 0; at < curves.length; at += betas.length) {
    const values = new Float64Array(alphas.length * betas.length);
    for (const { slice, losses } of curves.slice(at, at + betas.length)) {
      values.set(losses, slice * alphas.length);
    }
    yield [curves[at]!.batch, values];
  }
}

/** @yields each batch's means */
async function* meansOf({ dir, record }: Landscape, names: readonly string[]): BatchValues {
  const file = path.join(dir, meansFile);
  const { batches, means } = await readMeans(file, names);
  if (
    batches.length !== record.batches.length ||
    !record.batches.every((batch, row) => batches[row] === batch)
  ) {
    throw failure(
      `${file} does not hold the batches that ${recordFile} names; compute the landscape again.`,
    );
  }
  for (const [row, values] of means.entries()) yield [record.batches[row]!, values];
}
