import { autodiffEngine } from "./autodiff.js";
import { explicitEngine } from "./explicit.js";
import type { GradientEngine } from "./gradients.js";
import type { DenseNetwork } from "./types.js";

/** The gradients' source by its name, with the network's weights on the current backend. */
export function createEngine(
  network: DenseNetwork,
  gradients: "explicit" | "autodiff",
): GradientEngine {
  return gradients === "explicit" ? explicitEngine(network) : autodiffEngine(network);
}
