import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod/mini";
import { failure, messageOf } from "../common/errors.js";

/** The backend that each installation provides, by the name of the installation. */
export const INSTALLS = {
  native: "tfjs-node",
  gpu: "tfjs-node-gpu",
  webgpu: "webgpu",
} as const;

/** What `vadi backend install` takes. */
export type InstallName = keyof typeof INSTALLS;

export const INSTALL_NAMES: readonly InstallName[] = Object.keys(INSTALLS) as InstallName[];

/** Versions that work together. */
export const PINNED = {
  tfjs: "4.22.0",
  webgpu: "0.6.2",
  nodeApiHeaders: "1.9.0",
  /** TensorFlow's wheel: the version to download, and the series that an existing one must have. */
  tensorflow: "2.21.0",
  tensorflowSeries: "2.21",
} as const;

/** `backend.json` of an installation, which is written last: what it consists of. */
export interface Installation {
  formatVersion: 1;
  name: InstallName;
  /** npm packages and TensorFlow, by name. */
  versions: Record<string, string>;
  /** Where TensorFlow came from: a wheel's file name and hash, or the folder of an installed TensorFlow. */
  tensorflow?: { wheel: string; sha256: string } | { folder: string };
  compiler?: string;
}

export const INSTALLATION_FILE = "backend.json";

const installationSchema: z.ZodMiniType<Installation> = z.object({
  formatVersion: z.literal(1),
  name: z.enum(["native", "gpu", "webgpu"]),
  versions: z.record(z.string(), z.string()),
  tensorflow: z.exactOptional(
    z.union([
      z.object({ wheel: z.string(), sha256: z.string() }),
      z.object({ folder: z.string() }),
    ]),
  ),
  compiler: z.exactOptional(z.string()),
});

/**
 * The folder of installed backends, each in a folder of its own: `.vadi/backends` in the node_modules
 * folder of vadi's TensorFlow.js. There, both use one copy of TensorFlow.js, backends belong to the
 * project, and version control ignores them. The environment variable VADI_BACKENDS_FOLDER names another.
 */
export function backendsFolder(): string {
  const given = process.env["VADI_BACKENDS_FOLDER"];
  return given === undefined || given === ""
    ? path.join(hostModules(), ".vadi", "backends")
    : path.resolve(given);
}

/** The node_modules folder of vadi's own @tensorflow/tfjs-core. */
export function hostModules(): string {
  const file = createRequire(import.meta.url).resolve("@tensorflow/tfjs-core/package.json");
  const modules = path.resolve(path.dirname(file), "..", "..");
  if (path.basename(modules) !== "node_modules") {
    throw failure(
      `TensorFlow.js is not in a node_modules folder (${modules}); name a folder for backends by VADI_BACKENDS_FOLDER.`,
    );
  }
  return modules;
}

/** The folder of an installation, whether it exists or not. */
export function installationFolder(name: InstallName): string {
  return path.join(backendsFolder(), name);
}

/**
 * Reads what an installation consists of; undefined where it is not installed.
 *
 * @throws a failure where it cannot be read
 */
export function readInstallation(name: InstallName): Installation | undefined {
  const file = path.join(installationFolder(name), INSTALLATION_FILE);
  if (!existsSync(file)) return undefined;
  try {
    return installationSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw failure(
      `The installed backend ${name} is damaged (${file}: ${messageOf(error)}); run ${installCommand(name)}.`,
      error,
    );
  }
}

/** The command that installs a backend. */
export function installCommand(name: InstallName): string {
  return `vadi backend install ${name}`;
}
