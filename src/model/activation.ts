import type { Activation } from "./types.js";

/** The activations of dense layers that vadi differentiates itself. */
export const ACTIVATIONS: readonly Activation[] = ["linear", "relu", "tanh", "sigmoid"];

/** Whether a name is that of such an activation. */
export function isActivation(name: unknown): name is Activation {
  return ACTIVATIONS.some((activation) => activation === name);
}
