/**
 * What TensorFlow.js computes on: which backends are installed, which one `auto` takes, how each is
 * started and installed. Uses files and common only.
 *
 * @module
 */
export { chooseBackend, currentBackend, ensureAnyBackend, ensureBackend } from "./backend.js";
export { installBackend, removeBackend } from "./install/install.js";
export type { InstallOptions } from "./install/install.js";
export { listBackends } from "./probe.js";
export { BACKEND_NAMES } from "./options.js";
export type {
  BackendName,
  BackendStatus,
  ChosenBackend,
  InstallName,
  StartedBackend,
  StartOptions,
} from "./types.js";
