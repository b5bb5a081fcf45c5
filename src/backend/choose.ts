import { messageOf } from "../common/errors.js";
import { isInstalled, startBackend } from "./start.js";
import type { ChosenBackend, StartedBackend } from "./types.js";

type Name = StartedBackend["name"];

/** The backends to choose from. */
export interface Candidates {
  /** Whether a backend is installed. Throws where its files are damaged. */
  isInstalled(name: Name): boolean;
  /** Starts a backend and makes it the current one. Throws where it does not work. */
  start(name: Name): Promise<StartedBackend>;
}

/**
 * Starts the first of these that works: tfjs-node-gpu with a GPU, webgpu with a GPU (not a software
 * driver), tfjs-node-gpu or tfjs-node on the CPU, wasm, cpu. Backends that are not installed are skipped;
 * those that are installed and do not work are named in the reason.
 *
 * @throws a failure where not even cpu starts
 */
export async function chooseBest(
  { isInstalled: isHere, start }: Candidates = { isInstalled, start: startBackend },
): Promise<ChosenBackend> {
  /** Why better backends were skipped. */
  const passed: string[] = [];
  const broken = new Set<Name>();
  async function attempt(name: Name): Promise<StartedBackend | undefined> {
    if (broken.has(name)) return undefined;
    try {
      return isHere(name) ? await start(name) : undefined;
    } catch (error) {
      broken.add(name);
      passed.push(messageOf(error).replace(/\.$/, ""));
      return undefined;
    }
  }
  const because = (reason: string): string => [reason, ...passed].join("; ");

  for (const name of ["tfjs-node-gpu", "webgpu"] as const) {
    const found = await attempt(name);
    if (found?.isGpu === true) return { ...found, reason: because("it has a GPU") };
    if (found !== undefined) passed.push(`${name} found no GPU`);
  }
  for (const name of ["tfjs-node-gpu", "tfjs-node"] as const) {
    const found = await attempt(name);
    if (found !== undefined) return { ...found, reason: because("native TensorFlow") };
  }
  if (!broken.has("tfjs-node")) passed.push("tfjs-node is not installed");
  const wasm = await attempt("wasm");
  if (wasm !== undefined) return { ...wasm, reason: because("built in") };
  return { ...(await start("cpu")), reason: because("built in") };
}
