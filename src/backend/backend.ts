import { getBackend } from "@tensorflow/tfjs-core";
import { checkValue } from "../common/options/options.js";
import { chooseBest } from "./choose.js";
import { isInstalled, startBackend } from "./start.js";
import { backendOptions, type BackendName } from "./options.js";
import type { ChosenBackend, StartedBackend, StartOptions } from "./types.js";

let chosen: ChosenBackend | undefined;
/** Whether the current backend is there only because tfjs describes no model without one. */
let isStopgap = false;

/**
 * Makes a tfjs backend the current one and waits until it is ready. `auto` takes the first that
 * works of: tfjs-node-gpu with a GPU, webgpu with a GPU that is none in name only, tfjs-node-gpu or
 * tfjs-node on the CPU, wasm, cpu. Nothing is fetched: what is not installed is passed over.
 *
 * @returns the backend's name; `currentBackend` tells more
 * @throws a usage error for a name that there is not; a failure where the backend is not installed,
 *   which names the command that installs it, or does not start
 */
export async function chooseBackend(
  name: BackendName = "auto",
  options: StartOptions = {},
): Promise<string> {
  checkValue(backendOptions.backend.kind, name, (option) => option("backend"));
  const start = (one: StartedBackend["name"]) => startBackend(one, options);
  chosen = name === "auto" ? await chooseBest({ isInstalled, start }) : askedFor(await start(name));
  isStopgap = false;
  return chosen.name;
}

/** The current backend; undefined where none has been chosen. */
export function currentBackend(): ChosenBackend | undefined {
  return chosen;
}

/** The current backend's name; chooses `auto` where there is none yet. */
export async function ensureBackend(): Promise<string> {
  return chosen?.name ?? foreignBackend() ?? (await chooseBackend("auto"));
}

/** For what computes nothing: sees that there is some backend, and starts no large one for it. */
export async function ensureAnyBackend(): Promise<void> {
  if (chosen !== undefined || isStopgap || foreignBackend() !== undefined) return;
  await startBackend("cpu");
  isStopgap = true;
}

/** The backend that the program around has set by itself. */
function foreignBackend(): string | undefined {
  // tfjs's type leaves out that there is none before the first choice.
  const current = getBackend() as string | undefined;
  return isStopgap && current === "cpu" ? undefined : current;
}

/** A backend that was named is taken without a GPU, too, but says so. */
function askedFor(backend: StartedBackend): ChosenBackend {
  const { name, isGpu, device } = backend;
  const isForGpus = name === "tfjs-node-gpu" || name === "webgpu";
  const without = isForGpus && !isGpu ? `; it found no GPU and computes on the ${device}` : "";
  return { ...backend, reason: `it was asked for${without}` };
}
