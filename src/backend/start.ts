import { createRequire } from "node:module";
import path from "node:path";
// oxlint-disable-next-line import/no-unassigned-import -- it registers the cpu backend
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import {
  enableProdMode,
  findBackend,
  ready,
  setBackend,
  version_core,
} from "@tensorflow/tfjs-core";
import { failure, messageOf } from "../common/errors.js";
import { INSTALLS, installCommand, type InstallName } from "./installations.js";
import { findNodePackage, startNode } from "./start-node.js";
import { findWebgpuPackages, startWebgpu } from "./start-webgpu.js";
import type { StartedBackend, StartOptions } from "./types.js";

type Name = StartedBackend["name"];

/** The backends that this process has started, by name. */
const started = new Map<Name, StartedBackend>();

/** The name of a backend's installation; undefined for built-in backends. */
export function installNameOf(name: Name): InstallName | undefined {
  const entries = Object.entries(INSTALLS) as [InstallName, Name][];
  return entries.find(([, backend]) => backend === name)?.[0];
}

/** Whether a backend is installed. It may still fail to start. */
export function isInstalled(name: Name): boolean {
  if (name === "wasm" || name === "cpu") return true;
  return (name === "webgpu" ? findWebgpuPackages() : findNodePackage(name)) !== undefined;
}

/**
 * Starts a backend, if it has not been started yet, and makes it the current one.
 *
 * @throws a failure where it is not installed, which names the command that installs it, or where it
 *   does not start, which says why
 */
export async function startBackend(
  name: Name,
  options: StartOptions = {},
): Promise<StartedBackend> {
  // In production mode tfjs does not print notes.
  enableProdMode();
  const install = installNameOf(name);
  let backend = started.get(name);
  try {
    if (backend === undefined) {
      backend = await startFirst(name, options);
      started.set(name, backend);
    }
    if (!(await setBackend(backend.registered)))
      throw failure("TensorFlow.js cannot initialise it");
    await ready();
    return backend;
  } catch (error) {
    if (error instanceof NotInstalled) {
      throw failure(`The backend ${name} is not installed; run ${installCommand(error.install)}.`);
    }
    const reason = messageOf(error).trim().split("\n")[0]!.replace(/\.$/, "");
    throw failure(
      (option) =>
        `The backend ${name} does not start (${reason}); ${
          install === undefined
            ? `try ${option("backend")} cpu`
            : `if its files are damaged, ${installCommand(install)} restores them`
        }.`,
      error,
    );
  }
}

class NotInstalled extends Error {
  readonly install: InstallName;

  constructor(install: InstallName) {
    super(`${install} is not installed`);
    this.install = install;
  }
}

async function startFirst(name: Name, options: StartOptions): Promise<StartedBackend> {
  if (name === "tfjs-node" || name === "tfjs-node-gpu") {
    const folder = findNodePackage(name);
    if (folder === undefined) throw new NotInstalled(name === "tfjs-node" ? "native" : "gpu");
    return startNode(name, folder, options);
  }
  if (name === "webgpu") {
    const packages = findWebgpuPackages();
    if (packages === undefined) throw new NotInstalled("webgpu");
    return startWebgpu(packages);
  }
  if (name === "wasm" && findBackend("wasm") === null) setWasmPaths(wasmFolder());
  // tfjs uses WebAssembly threads only in browsers.
  return {
    name,
    registered: name,
    version: `tfjs ${version_core}`,
    device: name === "wasm" ? "CPU, WebAssembly, 1 thread" : "CPU, JavaScript, 1 thread",
    isGpu: false,
    threads: 1,
  };
}

/** The folder of the installed package's WebAssembly files. */
function wasmFolder(): string {
  const resolve = createRequire(import.meta.url).resolve;
  return `${path.dirname(resolve("@tensorflow/tfjs-backend-wasm"))}${path.sep}`;
}
