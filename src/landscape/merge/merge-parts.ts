import { existsSync } from "node:fs";
import path from "node:path";
import { failure, usageError } from "../../common/errors.js";
import { pointwise, quadratic } from "../methods/curves.js";
import type { Curves } from "../methods/curves.js";
import { meansFile } from "./finish.js";
import type { Grid } from "../points/grid.js";
import { recordFile } from "../store/record.js";
import { readMeans } from "../store/tables.js";
import type { Landscape } from "../points/types.js";

/** Batches' numbers, and what a method told of each. */
type Told = AsyncGenerator<[number, Float64Array], void, void>;

/**
 * What the landscapes of one grid's parts tell of their batches: of the linear model the means that the
 * method told, so that the whole is computed from the same numbers as if it had been made at once; of
 * others, or where a part has no means, the losses.
 *
 * @throws a usage error where a part has neither
 */
export function toldOfParts(
  parts: readonly Landscape[],
  grid: Pick<Grid, "alphas" | "betas">,
): { curves: Curves; toldOf: (part: Landscape) => Told } {
  if (parts.every(({ dir }) => existsSync(path.join(dir, meansFile)))) {
    return { curves: quadratic(grid), toldOf: meansOf };
  }
  checkCurves(parts);
  return { curves: pointwise(grid), toldOf: lossesOf };
}

function checkCurves(parts: readonly Landscape[]): void {
  for (const { dir, record } of parts) {
    if (record.keep === "summary") {
      throw usageError(
        `${dir} holds no curves of single batches, which a merge needs; make it with --keep all.`,
      );
    }
  }
}

/** @yields each batch's losses */
async function* lossesOf(part: Landscape): Told {
  const { alphas, betas = [0] } = part.record;
  const curves = await part.curves();
  for (let at = 0; at < curves.length; at += betas.length) {
    const told = new Float64Array(alphas.length * betas.length);
    for (const { slice, losses } of curves.slice(at, at + betas.length)) {
      told.set(losses, slice * alphas.length);
    }
    yield [curves[at]!.batch, told];
  }
}

/** @yields each batch's means */
async function* meansOf({ dir, record }: Landscape): Told {
  const file = path.join(dir, meansFile);
  const { batches, means } = await readMeans(file);
  if (
    batches.length !== record.batches.length ||
    !record.batches.every((batch, row) => batches[row] === batch)
  ) {
    throw failure(
      `${file} does not hold the batches that ${recordFile} names; compute the landscape again.`,
    );
  }
  for (const [row, told] of means.entries()) yield [record.batches[row]!, told];
}
