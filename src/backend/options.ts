import { choice } from "../common/options/kinds.js";
import { withDefault } from "../common/options/options.js";

/** `wasm` and `cpu` are always here, the others by `vadi backend install`; `auto` takes the best that works. */
export const BACKEND_NAMES = [
  "auto",
  "tfjs-node-gpu",
  "tfjs-node",
  "webgpu",
  "wasm",
  "cpu",
] as const;

/** A backend of TensorFlow.js; `auto` is the best that works on this machine. */
export type BackendName = (typeof BACKEND_NAMES)[number];

/** The option of everything that computes with TensorFlow.js. */
export const backendOptions = {
  /** What TensorFlow.js computes on. A run that is resumed stays on its own. */
  backend: withDefault(
    choice(BACKEND_NAMES),
    "auto",
    "auto (the best that works), tfjs-node-gpu, tfjs-node, webgpu, wasm or cpu; see vadi backend",
    { printed: "always" },
  ),
};
