import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import path from "node:path";
import { findBackend, getBackend, setBackend } from "@tensorflow/tfjs-core";
import { counted } from "../common/text/plurals.js";
import { failure } from "../common/errors.js";
import { ownPackage } from "./packages.js";
import { installationFolder, PINNED, readInstallation } from "./installations.js";
import type { StartedBackend, StartOptions } from "./types.js";

/** The name under which tfjs-node and tfjs-node-gpu register themselves. */
const REGISTERED = "tensorflow";

/** The environment's number of threads within one operation, as TensorFlow reads it. */
const THREADS_VARIABLE = "TF_NUM_INTRAOP_THREADS";

/** What this module uses of tfjs-node's backend. */
interface NodeBackend {
  isUsingGpuDevice: boolean;
  binding: { TF_Version: string };
}

let loaded: "tfjs-node" | "tfjs-node-gpu" | undefined;

/**
 * The folder of the package: the one that `vadi backend install` installed, or the project's own if it
 * has its addon; undefined where there is neither.
 */
export function findNodePackage(name: "tfjs-node" | "tfjs-node-gpu"): string | undefined {
  const installation = name === "tfjs-node" ? "native" : "gpu";
  if (readInstallation(installation) !== undefined) {
    return path.join(installationFolder(installation), "node_modules", "@tensorflow", name);
  }
  const own = ownPackage(`@tensorflow/${name}`);
  // Without its addon the package is an optional peer that npm could not build.
  return own !== undefined && existsSync(path.join(own, "lib")) ? own : undefined;
}

/**
 * Loads tfjs-node from the folder that `findNodePackage` found and makes it the current backend. A
 * process can load only one TensorFlow.
 *
 * @throws the addon's error where it cannot be loaded
 */
export async function startNode(
  name: "tfjs-node" | "tfjs-node-gpu",
  folder: string,
  { operationThreads }: StartOptions,
): Promise<StartedBackend> {
  if (loaded !== undefined && loaded !== name) {
    throw failure(
      `${name} cannot be loaded beside ${loaded}: a process can load only one TensorFlow; use it in a process of its own.`,
    );
  }
  checkLibraries(folder);
  restoreRemovedUtilities();
  // TensorFlow prints notes on stderr otherwise.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  // Which of oneDNN's kernels runs, and so how it rounds, depends on the processor.
  process.env["TF_ENABLE_ONEDNN_OPTS"] ??= "0";
  // TensorFlow then reuses memory instead of returning it to the system, which would clear it.
  process.env["TF_CPU_ALLOCATOR_USE_BFC"] ??= "1";
  const threads = nodeThreads(name === "tfjs-node" ? operationThreads : undefined);
  await withVariable(THREADS_VARIABLE, String(threads), async () => {
    createRequire(path.join(folder, "package.json"))(folder);
    loaded = name;
    await setBackend(REGISTERED);
  });
  const backend = findBackend(REGISTERED) as unknown as NodeBackend;
  const isGpu = backend.isUsingGpuDevice;
  const cores = availableParallelism();
  const cpu =
    threads === cores
      ? `CPU, ${counted(threads, "thread")}`
      : `CPU, ${counted(cores, "core")}, ${counted(threads, "thread")} an operation`;
  const without = name === "tfjs-node-gpu" ? ", for CUDA found no GPU" : "";
  return {
    name,
    registered: getBackend(),
    version: `TensorFlow ${backend.binding.TF_Version}, ${name} ${PINNED.tfjs}`,
    device: isGpu ? "GPU (CUDA)" : `${cpu}${without}`,
    isGpu,
    threads,
  };
}

/** Throws a failure where the TensorFlow of a Python, to which the installation links, has been removed. */
function checkLibraries(folder: string): void {
  const packages = path.resolve(folder, "..", "..", "..", "site-packages", "tensorflow");
  const library = path.join(packages, "libtensorflow_cc.so.2");
  if (existsSync(packages) && !existsSync(library)) {
    const missing = lstatSync(library, { throwIfNoEntry: false })?.isSymbolicLink()
      ? readlinkSync(library)
      : library;
    throw failure(`the TensorFlow that it was built on is gone (${missing})`);
  }
}

/**
 * Threads of one operation: the environment's value, else `wanted`, else one for each core that the
 * process may use. TensorFlow always gets a number, since by itself it ignores a container's limit.
 */
function nodeThreads(wanted = availableParallelism()): number {
  const given = Number(process.env[THREADS_VARIABLE]);
  return Number.isInteger(given) && given > 0 ? given : wanted;
}

/** Sets an environment variable while `act` runs, so that later processes do not inherit it. */
async function withVariable(name: string, value: string, act: () => Promise<void>): Promise<void> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    await act();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

/** tfjs-node 4.22 calls two functions of `util` that Node 23 removed. */
function restoreRemovedUtilities(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util["isNullOrUndefined"] ??= (value: unknown): boolean => value === null || value === undefined;
  util["isArray"] ??= Array.isArray;
}

/** The version of an installed package, for `vadi backend`. */
export function packageVersion(folder: string): string {
  const text = readFileSync(path.join(folder, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
