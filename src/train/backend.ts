import { createRequire } from "node:module";
import path from "node:path";
// oxlint-disable-next-line import/no-unassigned-import -- it registers the cpu backend
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { enableProdMode, findBackend, getBackend, ready, setBackend } from "@tensorflow/tfjs-core";
import { failure, messageOf, usageError } from "../common/errors.js";
import type { BackendName } from "./types.js";

/** The names that `chooseBackend` takes. */
export const BACKEND_NAMES: readonly BackendName[] = ["auto", "wasm", "cpu"];

/**
 * Makes a tfjs backend the current one and waits until it is ready. `auto` is `wasm`: nothing
 * slower takes its place unasked. The WebAssembly files come from the installed package, whatever
 * the current folder is, and from nowhere else.
 *
 * @returns the backend's name
 * @throws a usage error for a name that there is not; a failure where the backend does not start
 */
export async function chooseBackend(name: BackendName = "auto"): Promise<string> {
  if (!BACKEND_NAMES.includes(name)) {
    throw usageError(`There is no backend ${name}; choose one of ${BACKEND_NAMES.join(", ")}.`);
  }
  const backend = name === "auto" ? "wasm" : name;
  // Production mode keeps tfjs from printing its greetings: a library does not print.
  enableProdMode();
  if (backend === "wasm" && findBackend("wasm") === null) setWasmPaths(wasmFolder());
  let started: boolean;
  try {
    started = await setBackend(backend);
    await ready();
  } catch (error) {
    throw failure(`The backend ${backend} does not start: ${messageOf(error)}.`, error);
  }
  if (!started) throw failure(`The backend ${backend} does not start; try --backend cpu.`);
  return backend;
}

/** The current backend's name; chooses `auto` where there is none yet. */
export async function ensureBackend(): Promise<string> {
  // tfjs's type leaves out that there is none before the first choice.
  const current = getBackend() as string | undefined;
  return current ?? (await chooseBackend("auto"));
}

/** Threads that these backends compute with: tfjs has WebAssembly threads in browsers only. */
export const BACKEND_THREADS = 1;

function wasmFolder(): string {
  const resolve = createRequire(import.meta.url).resolve;
  return `${path.dirname(resolve("@tensorflow/tfjs-backend-wasm"))}${path.sep}`;
}
