import { getBackend } from "@tensorflow/tfjs-core";
import { messageOf, usageError } from "../common/errors.js";
import { isInstalled, startBackend } from "./backends/start.js";
import type { StartedBackend } from "./backends/types.js";
import type { BackendName } from "./types.js";

/** The names that `chooseBackend` takes. */
export const BACKEND_NAMES: readonly BackendName[] = [
  "auto",
  "tfjs-node-gpu",
  "tfjs-node",
  "webgpu",
  "wasm",
  "cpu",
];

/** A backend that runs, and why it is this one. */
export interface ChosenBackend extends StartedBackend {
  reason: string;
}

let chosen: ChosenBackend | undefined;

/**
 * Makes a tfjs backend the current one and waits until it is ready. `auto` takes the first that
 * works of: tfjs-node-gpu with a GPU, webgpu with a GPU that is none in name only, tfjs-node-gpu or
 * tfjs-node on the CPU, wasm, cpu. Nothing is fetched: what is not installed is passed over.
 *
 * @returns the backend's name; `currentBackend` tells more
 * @throws a usage error for a name that there is not; a failure where the backend is not installed,
 *   which names the command that installs it, or does not start
 */
export async function chooseBackend(name: BackendName = "auto"): Promise<string> {
  if (!BACKEND_NAMES.includes(name)) {
    throw usageError(`There is no backend ${name}; choose one of ${BACKEND_NAMES.join(", ")}.`);
  }
  chosen =
    name === "auto"
      ? await chooseBest()
      : { ...(await startBackend(name)), reason: "it was asked for" };
  return chosen.name;
}

/** The current backend; undefined where none has been chosen. */
export function currentBackend(): ChosenBackend | undefined {
  return chosen;
}

/** The current backend's name; chooses `auto` where there is none yet. */
export async function ensureBackend(): Promise<string> {
  // tfjs's type leaves out that there is none before the first choice.
  const current = getBackend() as string | undefined;
  return chosen?.name ?? current ?? (await chooseBackend("auto"));
}

async function chooseBest(): Promise<ChosenBackend> {
  /** Why those that would come before are not taken. */
  const passed: string[] = [];
  const attempt = async (name: StartedBackend["name"]): Promise<StartedBackend | undefined> => {
    if (!isInstalled(name)) return undefined;
    try {
      return await startBackend(name);
    } catch (error) {
      passed.push(messageOf(error).replace(/\.$/, ""));
      return undefined;
    }
  };
  for (const name of ["tfjs-node-gpu", "webgpu"] as const) {
    const found = await attempt(name);
    if (found?.isGpu === true) return { ...found, reason: because("it has a GPU", passed) };
    if (found !== undefined) passed.push(`${name} found no GPU`);
  }
  for (const name of ["tfjs-node-gpu", "tfjs-node"] as const) {
    const found = passed.some((reason) => reason.startsWith(`The backend ${name} `))
      ? undefined
      : await attempt(name);
    if (found !== undefined) return { ...found, reason: because("native TensorFlow", passed) };
  }
  const wasm = await attempt("wasm");
  const native = isInstalled("tfjs-node") ? [] : ["tfjs-node is not installed"];
  if (wasm !== undefined)
    return { ...wasm, reason: because("always there", [...passed, ...native]) };
  return { ...(await startBackend("cpu")), reason: because("always there", passed) };
}

function because(reason: string, passed: readonly string[]): string {
  return [reason, ...passed].join("; ");
}
