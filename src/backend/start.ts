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
import { INSTALLS, installCommand, type InstallName } from "./places.js";
import { findNodePackage, startNode } from "./start-node.js";
import { findWebgpuPackages, startWebgpu } from "./start-webgpu.js";
import type { StartedBackend, StartOptions } from "./types.js";

type Name = StartedBackend["name"];

/** Backends that run in this process, by name. */
const started = new Map<Name, StartedBackend>();

/** The word that installs a backend; undefined for those that are always there. */
export function installNameOf(name: Name): InstallName | undefined {
  const entries = Object.entries(INSTALLS) as [InstallName, Name][];
  return entries.find(([, backend]) => backend === name)?.[0];
}

/** Whether a backend's files are here; starting it may still fail. */
export function isInstalled(name: Name): boolean {
  if (name === "wasm" || name === "cpu") return true;
  return (name === "webgpu" ? findWebgpuPackages() : findNodePackage(name)) !== undefined;
}

/**
 * Starts a backend, if it does not run yet, and makes it the current one.
 *
 * @throws a failure that names the command which installs it, where it is not here; one that says
 *   why, where it does not start
 */
export async function startBackend(
  name: Name,
  options: StartOptions = {},
): Promise<StartedBackend> {
  // Production mode keeps tfjs from printing its greetings: a library does not print.
  enableProdMode();
  const install = installNameOf(name);
  let backend = started.get(name);
  try {
    if (backend === undefined) {
      backend = await startFirst(name, options);
      started.set(name, backend);
    }
    if (!(await setBackend(backend.registered))) throw failure("tfjs cannot initialise it");
    await ready();
    return backend;
  } catch (error) {
    if (error instanceof NotInstalled) {
      throw failure(`The backend ${name} is not installed; run ${installCommand(error.install)}.`);
    }
    const reason = messageOf(error).trim().split("\n")[0]!.replace(/\.$/, "");
    const again =
      install === undefined
        ? "try --backend cpu"
        : `if its files are damaged, ${installCommand(install)} brings them again`;
    throw failure(`The backend ${name} does not start (${reason}); ${again}.`, error);
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
  // tfjs has WebAssembly threads in browsers only.
  return {
    name,
    registered: name,
    version: `tfjs ${version_core}`,
    device: name === "wasm" ? "CPU, WebAssembly, 1 thread" : "CPU, JavaScript, 1 thread",
    isGpu: false,
    threads: 1,
  };
}

/** The WebAssembly files of the installed package, whatever the current folder is. */
function wasmFolder(): string {
  const resolve = createRequire(import.meta.url).resolve;
  return `${path.dirname(resolve("@tensorflow/tfjs-backend-wasm"))}${path.sep}`;
}
