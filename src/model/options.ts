import { choice, text, toggle, type Kind } from "../common/options/kinds.js";
import { withDefault } from "../common/options/options.js";

/** What a dense layer does to its sums. */
export const ACTIVATION_NAMES = ["linear", "relu", "tanh", "sigmoid"] as const;

export type Activation = (typeof ACTIVATION_NAMES)[number];

/** What a run's `init` says where the model came with its weights. */
export const GIVEN_WEIGHTS = "given";

/** `uniform`, `glorot` or `normal:S`; `parseInit` checks it. */
const init: Kind<string> = { ...text, expected: "uniform, glorot or normal:S" };

/** Whether the model is vadi's to initialise. */
function isInitialised(options: Readonly<Record<string, unknown>>): boolean {
  return options["init"] !== GIVEN_WEIGHTS;
}

/** The options of a new model. */
export const modelOptions = {
  /** `linear`, `mlp` (D→4D→2D→1), `mlp:H1,H2,…`, or the path of a `model.json`. */
  model: withDefault(
    text,
    "linear",
    "linear, mlp (D→4D→2D→1, ReLU), mlp:H1,H2,… or the path of a model.json",
    { printed: "always" },
  ),
  /** Whether the layers of `linear` and `mlp` have biases. */
  bias: withDefault(toggle, false, "Whether linear and mlp have biases", {
    appliesTo: isInitialised,
  }),
  /** The hidden layers' activation in `mlp`. */
  activation: withDefault(
    choice(ACTIVATION_NAMES),
    "relu",
    "Hidden layers of mlp: relu, tanh, sigmoid or linear",
  ),
  /** `uniform` U(−1/√fanIn, 1/√fanIn), `normal:S` S·N(0,1), `glorot` U(±√(6/(fanIn+fanOut))). */
  init: withDefault(init, "uniform", "Initial weights: uniform, normal:0.1 or glorot", {
    printed: "always",
    appliesTo: isInitialised,
  }),
};
