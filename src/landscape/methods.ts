import { chooseBackend } from "../train/index.js";
import { batchedForward } from "./batched-forward.js";
import { linearSums } from "./linear-sums.js";
import type { Line, SliceMethod } from "./method.js";
import { isPiecewise, reluPieces } from "./relu-pieces.js";

/** The fastest method that computes this line's losses: sums for the linear model, pieces for a ReLU network, forward passes for the rest. */
export async function chooseMethod(line: Line): Promise<SliceMethod> {
  const network = line.centre;
  if (network.length === 1 && network[0]!.activation === "linear") return linearSums(line);
  if (isPiecewise(network)) return reluPieces(line);
  await chooseBackend("auto");
  return batchedForward(line);
}
