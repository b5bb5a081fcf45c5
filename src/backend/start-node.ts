import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import path from "node:path";
import { findBackend, getBackend, setBackend } from "@tensorflow/tfjs-core";
import { counted } from "../common/text/plurals.js";
import { failure } from "../common/errors.js";
import { ownPackage } from "./packages.js";
import { installationFolder, PINNED, readInstallation } from "./places.js";
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
 * The folder whose packages hold tfjs-node: the installation of `vadi backend install`, or the
 * project's own, if its addon is there; undefined where there is neither.
 */
export function findNodePackage(name: "tfjs-node" | "tfjs-node-gpu"): string | undefined {
  const installation = name === "tfjs-node" ? "native" : "gpu";
  if (readInstallation(installation) !== undefined) {
    return path.join(installationFolder(installation), "node_modules", "@tensorflow", name);
  }
  const own = ownPackage(`@tensorflow/${name}`);
  // Without its addon the package is a peer that npm could not finish, not a backend.
  return own !== undefined && existsSync(path.join(own, "lib")) ? own : undefined;
}

/**
 * Loads tfjs-node from where `findNodePackage` has found it and makes it the current backend. A
 * process can hold one TensorFlow only.
 *
 * @throws whatever the addon does not load for
 */
export async function startNode(
  name: "tfjs-node" | "tfjs-node-gpu",
  folder: string,
  { operationThreads }: StartOptions,
): Promise<StartedBackend> {
  if (loaded !== undefined && loaded !== name) {
    throw failure(
      `${name} cannot be loaded beside ${loaded}: a process holds one TensorFlow; use it in a process of its own.`,
    );
  }
  checkLibraries(folder);
  restoreRemovedUtilities();
  // TensorFlow greets on stderr otherwise; who wants to hear it sets the variables.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  // Which of oneDNN's kernels runs, and so how it rounds, depends on the processor.
  process.env["TF_ENABLE_ONEDNN_OPTS"] ??= "0";
  // Memory of earlier values is used again, instead of given back to the system and cleared by it.
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

/** Says which file is gone where TensorFlow was one that Python had installed. */
function checkLibraries(folder: string): void {
  const packages = path.resolve(folder, "..", "..", "..", "site-packages", "tensorflow");
  const library = path.join(packages, "libtensorflow_cc.so.2");
  if (existsSync(packages) && !existsSync(library)) {
    const place = lstatSync(library, { throwIfNoEntry: false })?.isSymbolicLink()
      ? readlinkSync(library)
      : library;
    throw failure(`the TensorFlow that it was built on is gone (${place})`);
  }
}

/**
 * Threads within one operation: what the environment says, else what is asked for, else one a core that
 * the process may use. TensorFlow is told each time: it would count a container's cores otherwise.
 */
function nodeThreads(wanted = availableParallelism()): number {
  const given = Number(process.env[THREADS_VARIABLE]);
  return Number.isInteger(given) && given > 0 ? given : wanted;
}

/** Sets a variable of the environment for what is done meanwhile, not for the processes started later. */
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

/** tfjs-node 4.22 calls two functions that Node 23 took out of `util`. */
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
