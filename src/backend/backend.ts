import { getBackend } from "@tensorflow/tfjs-core";
import { checkValue } from "../common/options/options.js";
import { chooseBest } from "./choose.js";
import { isInstalled, startBackend } from "./start.js";
import { backendOptions, type BackendName } from "./options.js";
import type { ChosenBackend, StartedBackend, StartOptions } from "./types.js";

let chosen: ChosenBackend | undefined;
/** Whether the current backend was started only because tfjs needs one to describe a model. */
let isStopgap = false;

/**
 * Makes a tfjs backend the current one and waits until it is ready. `auto` takes the first of these
 * that works: tfjs-node-gpu with a GPU, webgpu with a GPU (not a software driver), tfjs-node-gpu or
 * tfjs-node on the CPU, wasm, cpu. It skips backends that are not installed and downloads nothing.
 *
 * @returns the backend's name; `currentBackend` returns its device and why it was chosen
 * @throws a usage error for an unknown name; a failure where the backend does not start or is not
 *   installed, which names the command that installs it
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

/** The current backend's name. Chooses `auto` where none is chosen yet. */
export async function ensureBackend(): Promise<string> {
  return chosen?.name ?? foreignBackend() ?? (await chooseBackend("auto"));
}

/** Starts a small backend if there is none, for code that computes nothing but needs one. */
export async function ensureAnyBackend(): Promise<void> {
  if (chosen !== undefined || isStopgap || foreignBackend() !== undefined) return;
  await startBackend("cpu");
  isStopgap = true;
}

/** The backend that the calling program has chosen itself. */
function foreignBackend(): string | undefined {
  // Before the first choice there is none, which tfjs's type does not say.
  const current = getBackend() as string | undefined;
  return isStopgap && current === "cpu" ? undefined : current;
}

/** A backend that was named is used even without a GPU; the reason then says so. */
function askedFor(backend: StartedBackend): ChosenBackend {
  const { name, isGpu, device } = backend;
  const isForGpus = name === "tfjs-node-gpu" || name === "webgpu";
  const without = isForGpus && !isGpu ? `; it found no GPU and computes on the ${device}` : "";
  return { ...backend, reason: `it was asked for${without}` };
}
