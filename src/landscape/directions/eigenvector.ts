import { readdir } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../../common/errors.js";
import { oneOf } from "../../common/options/kinds.js";
import { loadModel } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import { sameLayers } from "./weights.js";
import { exists } from "../../files/folders.js";

/** The name of the curvature that is meant where there are several. */
const USUAL = "hessian";

/** `K` or `K@NAME`: an eigenvector's number and the name of its folder in RUN/curvature. */
export const EIGENVECTOR = /^(-?[1-9]\d{0,2})(?:@([^/\\]+))?$/;

/**
 * Loads an eigenvector of the Hessian that `vadi curvature` found for a run.
 *
 * @param text `K`, 1 the least eigenvalue's, −1 the largest's, or `K@NAME`
 * @throws a usage error where there is none
 */
export async function loadEigenvector<N extends Network>(
  run: string,
  text: string,
  centre: N,
): Promise<N> {
  const [, k = "", given] = EIGENVECTOR.exec(text) ?? [];
  const folder = path.join(run, "curvature");
  const names = exists(folder)
    ? (await readdir(folder)).filter((name) => exists(path.join(folder, name, "curvature.json")))
    : [];
  const name = given ?? (names.length === 1 ? names[0]! : USUAL);
  const source = path.join(folder, name, "directions", k);
  if (!names.includes(name) || !exists(source)) {
    const one = names[0];
    throw usageError((option) =>
      one === undefined
        ? `${run} has no curvature; compute it first: vadi curvature ${run}`
        : `${folder} has no eigenvector ${k} of ${name}; choose another in ${option("along")} curvature:K or curvature:K@NAME (with the NAME ${oneOf(names)}), or compute more with vadi curvature and ${option("vectors")}.`,
    );
  }
  const direction = await loadModel(source);
  if (!sameLayers(direction, centre)) {
    throw usageError(
      `${source} is an eigenvector of another model than that of ${run}; compute it again with vadi curvature.`,
    );
  }
  // The same layers make the same kind of network.
  return direction as N;
}
