import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { failure } from "../common/errors.js";
import { ensureFolder } from "../files/folders.js";
import { hostModules } from "./installations.js";
import { findProgram, ProgramError, runProgram } from "./programs.js";

/** TensorFlow.js packages that vadi depends on. A second copy would only take memory. */
const SHARED = ["tfjs-core", "tfjs-layers", "tfjs-backend-cpu"];

/** A line of npm's output that says what went wrong. */
const NPM_ERROR = /^npm (?:error|ERR!) (?!code|errno|A complete log|syscall|path)/;

/**
 * Installs npm packages into a folder of their own, without running their scripts. Packages in npm's
 * cache need no network; others come from the registry that npm is configured for.
 *
 * @param folder an empty folder, which becomes a package
 * @param dependencies exact versions by name
 * @throws a failure that quotes npm's error
 */
export async function installPackages(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  const description = { name: "vadi-backend", private: true, dependencies };
  await writeFile(path.join(folder, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  // The project may configure another registry.
  const settings = path.join(path.dirname(hostModules()), ".npmrc");
  const copied = path.join(folder, ".npmrc");
  if (existsSync(settings)) await copyFile(settings, copied);
  const [program, ...words] = npmCommand();
  const args = [
    ...words,
    "install",
    `--prefix=${folder}`,
    "--global=false",
    "--ignore-scripts",
    "--omit=dev",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--no-update-notifier",
    "--loglevel=error",
  ];
  const names = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
  try {
    await runProgram(program!, args, { cwd: folder, ...(signal && { signal }) });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    const reason = error.exitCode === null ? error.message : error.line(NPM_ERROR);
    throw failure(
      `npm could not install ${names.join(" and ")} (${reason.replace(/\.$/, "")}); check that npm reaches its registry (npm ping) and run the command again.`,
      error,
    );
  } finally {
    await rm(copied, { force: true });
  }
}

/** The npm that runs this process, or else the one on the PATH or beside Node. */
function npmCommand(): string[] {
  const running = process.env["npm_execpath"];
  if (running !== undefined && path.basename(running) === "npm-cli.js" && existsSync(running)) {
    return [process.execPath, running];
  }
  const npm = findProgram(["npm", path.join(path.dirname(process.execPath), "npm")]);
  if (npm === undefined) throw failure("npm, which installs backends, is not on the PATH.");
  return [npm];
}

/**
 * Removes packages from a folder that vadi has in the same version, if Node will find vadi's copy from
 * the folder's destination.
 */
export async function shareHostPackages(folder: string, destination: string): Promise<void> {
  const modules = hostModules();
  if (path.relative(modules, destination).startsWith("..")) return;
  for (const name of SHARED) {
    const own = path.join(modules, "@tensorflow", name);
    const second = path.join(folder, "node_modules", "@tensorflow", name);
    const [ours, theirs] = await Promise.all([own, second].map((one) => versionOf(one)));
    if (ours !== undefined && ours === theirs) await rm(second, { recursive: true });
  }
}

/** A package's version; undefined where it is not installed. */
export async function versionOf(folder: string): Promise<string | undefined> {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const { version } = JSON.parse(await readFile(file, "utf8")) as { version?: string };
  return version;
}

/** The folder of a package that the project has installed itself; undefined where it has not. */
export function ownPackage(name: string): string | undefined {
  try {
    return path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * Creates the folder for backends.
 *
 * @returns as `ensureFolder` does
 * @throws a failure that names it
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await ensureFolder(folder);
  } catch (error) {
    throw failure(
      `The folder for backends, ${folder}, cannot be made (${error instanceof Error ? error.message : String(error)}); make it writable, or name another folder by VADI_BACKENDS_FOLDER.`,
      error,
    );
  }
}
