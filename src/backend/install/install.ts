import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { failure, throwIfAborted, usageError } from "../../common/errors.js";
import { removeEmptyFolders } from "../../files/folders.js";
import { checkFreeSpace } from "../../files/system/free-space.js";
import type { OnProgress } from "../../common/progress.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { lockForOutput } from "../../files/output-folder.js";
import { buildAddon, findCompiler, ownNodeHeaders } from "./addon.js";
import {
  installPackages,
  makeFolder,
  ownPackage,
  shareHostPackages,
  versionOf,
} from "../packages.js";
import {
  backendsFolder,
  hostModules,
  INSTALL_NAMES,
  INSTALLATION_FILE,
  installationFolder,
  INSTALLS,
  PINNED,
  type Installation,
  type InstallName,
} from "../installations.js";
import { probe } from "../probe.js";
import { addCuda, addTensorFlow } from "./tensorflow.js";
import type { BackendStatus } from "../types.js";

/** How a backend is installed. */
export interface InstallOptions {
  /** A wheel of TensorFlow to use instead of downloading one; for `native` and `gpu`. */
  wheel?: string;
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Called with a sentence as each step begins. */
  onNote?: (note: string) => void;
}

/** Bytes that an installation's packages take, without TensorFlow. */
const PACKAGE_BYTES = { native: 350e6, gpu: 350e6, webgpu: 220e6 };

/**
 * Installs a backend into a folder of the project and starts it once in a process of its own. An earlier
 * installation is replaced only if that works. Nothing outside the folder is changed, and no package's
 * scripts are run.
 *
 * `native` and `gpu` install tfjs-node, whose addon is compiled against the libraries of TensorFlow's
 * wheel for Python; `webgpu` installs tfjs's WebGPU backend and Dawn.
 *
 * @throws a usage error for options that do not go together; a failure that says what is missing
 *   (compiler, Python, network, space); an interruption. In all these cases an earlier installation stays.
 */
export async function installBackend(
  name: InstallName,
  options: InstallOptions = {},
): Promise<BackendStatus> {
  checkName(name);
  const { wheel, signal } = options;
  if (name === "webgpu" && wheel !== undefined) {
    throw usageError(
      (option) => `${option("wheel")} goes with native and gpu only, not with webgpu.`,
    );
  }
  if (name !== "webgpu") findCompiler();
  throwIfAborted(signal);
  const root = backendsFolder();
  const created = await makeFolder(root);
  const unlock = lockForOutput(root, root, { name: "a backend" });
  const staging = path.join(root, `.${name}`);
  try {
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging);
    await checkFreeSpace(root, PACKAGE_BYTES[name], { what: `The backend ${name}` });
    const installed =
      name === "webgpu"
        ? await installWebgpu(staging, options)
        : await installNative(name, staging, options);
    const record: Installation = { formatVersion: 1, name, ...installed };
    await shareHostPackages(staging, installationFolder(name));
    await writeFileAtomic(
      path.join(staging, INSTALLATION_FILE),
      `${JSON.stringify(record, undefined, 2)}\n`,
    );
    return await replace(name, staging, options);
  } finally {
    await rm(staging, { recursive: true, force: true });
    unlock();
    await removeEmpty(root);
    await removeEmptyFolders(root, created);
  }
}

/** Replaces an earlier installation by a complete one. Restores the earlier one if the new one does not work. */
async function replace(
  name: InstallName,
  staging: string,
  { signal, onNote }: InstallOptions,
): Promise<BackendStatus> {
  const folder = installationFolder(name);
  const previous = path.join(backendsFolder(), `.${name}.previous`);
  await rm(previous, { recursive: true, force: true });
  if (existsSync(folder)) await rename(folder, previous);
  let works = false;
  try {
    await rename(staging, folder);
    onNote?.("Starting it once to see that it works.");
    const status = await probe(INSTALLS[name], signal);
    works = status.available || (name === "webgpu" && isWithoutGpu(status));
    if (works) return status;
    throw failure(`What was installed does not work and has been removed: ${status.reason}`);
  } finally {
    if (!works) {
      await rm(folder, { recursive: true, force: true });
      if (existsSync(previous)) await rename(previous, folder);
    }
    await rm(previous, { recursive: true, force: true });
  }
}

/** An installation of WebGPU is complete without a GPU: one can be added, or a driver named. */
function isWithoutGpu({ reason }: BackendStatus): boolean {
  return reason?.includes("no GPU") === true;
}

/**
 * Removes an installed backend.
 *
 * @throws a failure where it is not installed
 */
export async function removeBackend(name: InstallName): Promise<void> {
  checkName(name);
  const folder = installationFolder(name);
  if (!existsSync(folder)) throw failure(`The backend ${name} is not installed in ${folder}.`);
  const root = backendsFolder();
  const unlock = lockForOutput(root, root, { name: "a backend" });
  try {
    await rm(folder, { recursive: true, force: true });
  } finally {
    unlock();
    await removeEmpty(root);
  }
}

function checkName(name: string): void {
  if (!(INSTALL_NAMES as readonly string[]).includes(name)) {
    throw usageError(
      `There is no backend ${name} to install; choose one of ${INSTALL_NAMES.join(", ")}.`,
    );
  }
}

async function installWebgpu(
  staging: string,
  { signal, onNote }: InstallOptions,
): Promise<Pick<Installation, "versions">> {
  const versions = { webgpu: PINNED.webgpu, "@tensorflow/tfjs-backend-webgpu": PINNED.tfjs };
  onNote?.(`Fetching ${Object.keys(versions).join(" and ")} with npm.`);
  await installPackages(staging, versions, signal);
  return { versions };
}

async function installNative(
  name: "native" | "gpu",
  staging: string,
  options: InstallOptions,
): Promise<Omit<Installation, "formatVersion" | "name">> {
  const { signal, onNote } = options;
  const target = path.join(staging, "node_modules", "@tensorflow", INSTALLS[name]);
  const tensorflow = await addTensorFlow(staging, { ...options, target: name });
  const headers = await addPackages(name, staging, target, options);
  if (name === "gpu") await addCuda(staging, options);
  onNote?.("Building the addon.");
  await buildAddon(staging, target, headers, signal);
  return {
    versions: { [`@tensorflow/${INSTALLS[name]}`]: PINNED.tfjs, tensorflow: tensorflow.version },
    tensorflow: tensorflow.source,
    compiler: findCompiler(),
  };
}

/**
 * Adds tfjs-node's JavaScript, a copy of the project's own or from npm, and Node's headers where this Node
 * came without them. With both at hand, no network is needed.
 *
 * @returns the folder of the headers
 */
async function addPackages(
  name: "native" | "gpu",
  staging: string,
  target: string,
  { signal, onNote }: InstallOptions,
): Promise<string> {
  const packageName = `@tensorflow/${INSTALLS[name]}`;
  const headers = ownNodeHeaders();
  const headerPackage = path.join(staging, "node_modules", "node-api-headers", "include");
  const own = ownPackage(packageName);
  const isInside = !path.relative(hostModules(), staging).startsWith("..");
  const isUsable =
    own !== undefined &&
    isInside &&
    headers !== undefined &&
    (await versionOf(own)) === PINNED.tfjs;
  if (isUsable && path.dirname(path.dirname(own)) === hostModules()) {
    onNote?.(`Using the project's own ${packageName} ${PINNED.tfjs}.`);
    await cp(own, target, { recursive: true, dereference: true });
    return headers;
  }
  onNote?.(`Fetching ${packageName} ${PINNED.tfjs} with npm.`);
  const wanted = {
    [packageName]: PINNED.tfjs,
    ...(headers === undefined && { "node-api-headers": PINNED.nodeApiHeaders }),
  };
  await installPackages(staging, wanted, signal);
  return headers ?? headerPackage;
}

/** Removes the folder of backends, and `.vadi` around it, if they are empty. */
async function removeEmpty(root: string): Promise<void> {
  for (const folder of [root, path.dirname(root)]) {
    if (path.basename(folder) !== "backends" && path.basename(folder) !== ".vadi") return;
    if (!existsSync(folder) || (await readdir(folder)).length > 0) return;
    await rmdir(folder);
  }
}
