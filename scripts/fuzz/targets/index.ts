/**
 * What is fuzzed, a target a file. Each is loaded where it is read.
 *
 * @module
 */
import type { Target } from "../target.js";

export const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
  parquet: async () => (await import("./parquet.js")).target,
  arrow: async () => (await import("./arrow.js")).target,
  manifest: async () => (await import("./manifest.js")).target,
  model: async () => (await import("./model.js")).target,
  "loader-state": async () => (await import("./loader-state.js")).target,
  run: async () => (await import("./run.js")).target,
  landscape: async () => (await import("./landscape.js")).target,
  options: async () => (await import("./options.js")).target,
};
