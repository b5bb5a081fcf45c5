import { failure } from "../../common/errors.js";
import { fusedEngine } from "./fused/index.js";
import { graphEngine, nativeEngine } from "./native/engine.js";
import { tensorEngine } from "./tensor-engine.js";
import type { EngineSpec, TrainingEngine, EngineKind } from "./types.js";

/** All engines, the fastest first; the last takes everything. */
const ENGINES: readonly EngineKind[] = [graphEngine, nativeEngine, fusedEngine, tensorEngine];

/** Names of the engines, for options. */
export const ENGINE_NAMES: readonly string[] = ["auto", ...ENGINES.map(({ name }) => name)];

/** Whether the last bits of an engine's steps depend on the number of threads. */
export function dependsOnThreads(name: string): boolean {
  return ENGINES.find((engine) => engine.name === name)?.anyThreads !== true;
}

/** The fastest engine that takes a model and an optimiser on a backend; undefined where none does. */
export function findEngine(
  spec: EngineSpec,
  backend: string,
  name = "auto",
): EngineKind | undefined {
  return ENGINES.find(
    (engine) => (name === "auto" || engine.name === name) && engine.takes(spec, backend),
  );
}

/**
 * Makes the fastest engine that takes a model and an optimiser on a backend.
 *
 * @param name `auto`, or the one engine that may be taken
 * @throws a failure where that engine does not take them
 */
export async function createEngine(
  spec: EngineSpec,
  backend: string,
  name = "auto",
): Promise<TrainingEngine> {
  const kind = findEngine(spec, backend, name);
  if (kind === undefined) {
    throw failure(
      `The engine ${name} does not train this model by ${spec.optimizer.name} on the backend ${backend}; leave out --engine, or choose one of ${ENGINE_NAMES.join(", ")}.`,
    );
  }
  return kind.create(spec);
}
