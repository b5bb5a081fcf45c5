import { fusedEngine } from "./fused/index.js";
import { graphEngine } from "./graph/index.js";
import { tensorEngine } from "./tensor-engine.js";
import type { EngineSpec, TrainingEngine, EngineKind } from "./types.js";

/** All engines, the fastest first. The last one takes every model on every backend, without relaxed SIMD. */
const ENGINES: readonly EngineKind[] = [graphEngine, fusedEngine, tensorEngine];

/** Whether the last bits of an engine's steps depend on the number of threads. */
export function dependsOnThreads(name: string): boolean {
  return ENGINES.find((engine) => engine.name === name)?.anyThreads !== true;
}

/**
 * The fastest engine that takes a model and an optimiser on a backend.
 *
 * @param name a single engine to consider; default: all
 * @returns undefined where that one does not take them
 */
export function findEngine(
  spec: EngineSpec,
  backend: string,
  name?: string,
): EngineKind | undefined {
  return ENGINES.find(
    (engine) => (name === undefined || engine.name === name) && engine.takes(spec, backend),
  );
}

/** Creates the fastest engine that takes a model and an optimiser on a backend: see `findEngine`. */
export async function createEngine(
  spec: EngineSpec,
  backend: string,
  name?: string,
): Promise<TrainingEngine> {
  const kind = findEngine(spec, backend, name);
  if (kind === undefined) {
    throw new Error(`No engine ${name} trains this model on the backend ${backend}.`);
  }
  return kind.create(spec);
}
