import { existsSync } from "node:fs";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure, usageError, type NameOption } from "../../common/errors.js";
import { checkFreeSpace } from "../../files/system/free-space.js";
import type { OnProgress } from "../../common/progress.js";
import { PINNED, type Installation } from "../installations.js";
import { findProgram, ProgramError, runProgram } from "../programs.js";
import { hashOf, LIBRARIES, openWheel, unpackWheel } from "./wheel.js";

export interface TensorFlowOptions {
  target: "native" | "gpu";
  /** A wheel's file. Default: the TensorFlow that python3 has installed, or else PyPI's wheel. */
  wheel?: string;
  signal?: AbortSignal;
  onProgress?: OnProgress;
  onNote?: (note: string) => void;
}

/** The TensorFlow of an installation. */
export interface TensorFlow {
  version: string;
  source: NonNullable<Installation["tensorflow"]>;
}

interface Build {
  project: "tensorflow" | "tensorflow-cpu";
  /** The platform of the wheel. */
  platform: string;
  /** The hash of PyPI's file, which never changes. */
  sha256?: string;
}

/**
 * The wheels to download. They are the same for every Python, since no Python loads them, so their hashes
 * are known.
 */
const BUILDS: Readonly<Record<string, Build>> = {
  "native x64": {
    project: "tensorflow-cpu",
    platform: "manylinux_2_27_x86_64",
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
  },
  "gpu x64": {
    project: "tensorflow",
    platform: "manylinux_2_27_x86_64",
    sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
  },
  "native arm64": { project: "tensorflow", platform: "manylinux_2_27_aarch64" },
};
const PYTHON = { version: "3.11", abi: "cp311" };

/** Bytes of a wheel itself, besides what is unpacked of it. */
const DOWNLOAD = { native: 300e6, gpu: 600e6 };

/**
 * Adds TensorFlow's libraries and C headers to `folder/site-packages/tensorflow`, from a wheel or as links
 * to a Python's TensorFlow.
 *
 * @throws a failure that says what is missing: Python, the network, space, a fitting version
 */
export async function addTensorFlow(
  folder: string,
  options: TensorFlowOptions,
): Promise<TensorFlow> {
  const { target, wheel, onNote } = options;
  const build = buildOf(target);
  const packages = path.join(folder, "site-packages");
  await mkdir(packages, { recursive: true });
  if (wheel !== undefined) return unpack(path.resolve(wheel), packages, build, options);
  const installed = await findInstalled(options);
  if (installed !== undefined) {
    onNote?.(`Using TensorFlow ${installed.version} of ${installed.folder}.`);
    await link(installed.folder, packages);
    return { version: installed.version, source: { folder: installed.folder } };
  }
  onNote?.(`Fetching ${build.project} ${PINNED.tensorflow} with pip.`);
  const download = path.join(folder, "download");
  await mkdir(download);
  const file = await fetchWheel(download, build, options);
  const unpacked = await unpack(file, packages, build, options);
  await rm(download, { recursive: true });
  return unpacked;
}

function buildOf(target: "native" | "gpu"): Build {
  const build = process.platform === "linux" ? BUILDS[`${target} ${process.arch}`] : undefined;
  if (build === undefined) {
    throw failure(
      (option) =>
        `vadi backend install ${target} is for Linux on x64${target === "gpu" ? "" : " or arm64"}, not for ${process.platform} on ${process.arch}; ${option("backend")} wasm works everywhere.`,
    );
  }
  const header = (process.report.getReport() as { header: { glibcVersionRuntime?: string } })
    .header;
  if (header.glibcVersionRuntime === undefined) {
    throw failure(
      (option) =>
        `TensorFlow is built for systems with glibc, and this one uses musl; ${option("backend")} wasm works everywhere.`,
    );
  }
  return build;
}

async function unpack(
  file: string,
  packages: string,
  build: Build,
  { signal, onProgress, target }: TensorFlowOptions,
): Promise<TensorFlow> {
  const wheel = await openWheel(file);
  try {
    const { name, version, tags } = wheel;
    const machine = build.platform.replace(/^manylinux_\d+_\d+_/, "");
    if (name !== "tensorflow" && name !== "tensorflow_cpu") {
      throw usageError(`${file} is the wheel of ${name}; give that of ${build.project}.`);
    }
    if (target === "gpu" && name !== "tensorflow") {
      throw usageError(`${file} has no CUDA in it; give the wheel of tensorflow.`);
    }
    if (!version.startsWith(`${PINNED.tensorflowSeries}.`)) {
      throw usageError(
        `${file} is TensorFlow ${version}; give a wheel of ${PINNED.tensorflowSeries}, for instance ${build.project}==${PINNED.tensorflow}.`,
      );
    }
    if (!tags.some((tag) => tag.includes("linux") && tag.endsWith(machine))) {
      throw usageError(`${file} is built for ${tags.join(", ")}, not for Linux on ${machine}.`);
    }
    await checkFreeSpace(packages, wheel.bytes, { what: `TensorFlow ${version}` });
    await unpackWheel(wheel, packages, {
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    return { version, source: { wheel: path.basename(file), sha256: await hashOf(file, signal) } };
  } finally {
    wheel.zip.close();
  }
}

function findPython(): string | undefined {
  return findProgram(["python3", "python"]);
}

/** The TensorFlow that python3 has installed, if it is of the right series. It is not loaded. */
async function findInstalled({
  target,
  signal,
}: TensorFlowOptions): Promise<{ folder: string; version: string } | undefined> {
  const python = findPython();
  if (python === undefined) return undefined;
  const script = [
    "import importlib.metadata as m, importlib.util as u, json",
    "found = {d.metadata['Name'].lower().replace('_', '-'): d.version for d in m.distributions()}",
    "spec = u.find_spec('tensorflow')",
    "places = list(spec.submodule_search_locations or []) if spec else []",
    "print(json.dumps([found.get('tensorflow-cpu') or found.get('tensorflow'), *places[:1]]))",
  ].join("\n");
  let answer: [string | null, string?];
  try {
    const printed = await runProgram(python, ["-c", script], { ...(signal && { signal }) });
    answer = JSON.parse(printed) as typeof answer;
  } catch (error) {
    if (error instanceof ProgramError || error instanceof SyntaxError) return undefined;
    throw error;
  }
  const [version, folder] = answer;
  if (version?.startsWith(`${PINNED.tensorflowSeries}.`) !== true || folder === undefined) {
    return undefined;
  }
  const complete = LIBRARIES.every((name) => existsSync(path.join(folder, name)));
  const cuda = existsSync(path.join(folder, "..", "nvidia"));
  return complete && (target === "native" || cuda) ? { folder, version } : undefined;
}

/** Links to an installed TensorFlow, in the layout of site-packages, in which CUDA's libraries are found. */
async function link(tensorflow: string, packages: string): Promise<void> {
  const own = path.join(packages, "tensorflow");
  await mkdir(own);
  for (const name of [...LIBRARIES, "include"]) {
    await symlink(path.join(tensorflow, name), path.join(own, name));
  }
  const nvidia = path.resolve(tensorflow, "..", "nvidia");
  if (existsSync(nvidia)) await symlink(nvidia, path.join(packages, "nvidia"));
}

async function fetchWheel(
  download: string,
  build: Build,
  { target, signal }: TensorFlowOptions,
): Promise<string> {
  const { project, platform, sha256 } = build;
  await checkFreeSpace(download, DOWNLOAD[target], { what: `The wheel of ${project}` });
  const requirement = `${project}==${PINNED.tensorflow}`;
  const list = path.join(download, "requirements.txt");
  await writeFile(
    list,
    `${requirement}${sha256 === undefined ? "" : ` --hash=sha256:${sha256}`}\n`,
  );
  const args = ["download", "--no-deps", "--no-cache-dir", "--only-binary=:all:"];
  args.push("--implementation=cp", `--python-version=${PYTHON.version}`, `--abi=${PYTHON.abi}`);
  args.push(`--platform=${platform}`, `--dest=${download}`, `--requirement=${list}`);
  await pip(args, requirement, signal);
  const file = (await readdir(download)).find((name) => name.endsWith(".whl"));
  if (file === undefined) throw failure(`pip has left no wheel of ${requirement}.`);
  return path.join(download, file);
}

/** Runs pip, with the user's own settings of index and certificates. */
async function pip(args: readonly string[], what: string, signal?: AbortSignal): Promise<void> {
  const python = findPython();
  const otherwise = (option: NameOption): string =>
    `or fetch the wheel of ${what} elsewhere and give it with ${option("wheel")} FILE`;
  if (python === undefined) {
    throw failure(
      (option) =>
        `python3, whose pip fetches TensorFlow, is not on the PATH; install it, ${otherwise(option)}.`,
    );
  }
  const common = ["-m", "pip", "--no-input", "--disable-pip-version-check", "--no-color"];
  try {
    await runProgram(python, [...common, ...args], {
      ...(signal && { signal }),
      environment: { PIP_PROGRESS_BAR: "off" },
    });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    const reason = /No module named pip/.test(error.output)
      ? `${python} has no pip`
      : error.line(/^ERROR: /).replace(/^ERROR: /, "");
    throw failure(
      (option) =>
        `pip could not fetch ${what} (${reason.replace(/\.$/, "")}); mend that, ${otherwise(option)}.`,
      error,
    );
  }
}

/**
 * Installs the CUDA libraries that TensorFlow's wheel requires into the folder from which it loads them.
 *
 * @throws a failure that quotes pip's error
 */
export async function addCuda(
  folder: string,
  { signal, onNote }: Pick<TensorFlowOptions, "signal" | "onNote">,
): Promise<void> {
  const packages = path.join(folder, "site-packages");
  if (existsSync(path.join(packages, "nvidia"))) return;
  await checkFreeSpace(packages, CUDA_BYTES, { what: "CUDA's libraries" });
  onNote?.("Fetching CUDA's libraries with pip.");
  const args = ["install", "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-compile"];
  await pip([...args, `--target=${packages}`, ...CUDA], "CUDA's libraries", signal);
}

const CUDA_BYTES = 8e9;

/** The requirements of the extra `and-cuda` of TensorFlow 2.21's wheel. */
const CUDA = [
  "nvidia-cublas-cu12>=12.5.3.2,<13",
  "nvidia-cuda-cupti-cu12>=12.5.82,<13",
  "nvidia-cuda-nvcc-cu12>=12.5.82,<13",
  "nvidia-cuda-nvrtc-cu12>=12.5.82,<13",
  "nvidia-cuda-runtime-cu12>=12.5.82,<13",
  "nvidia-cudnn-cu12>=9.3.0.75,<10",
  "nvidia-cufft-cu12>=11.2.3.61,<12",
  "nvidia-curand-cu12>=10.3.6.82,<11",
  "nvidia-cusolver-cu12>=11.6.3.83,<12",
  "nvidia-cusparse-cu12>=12.5.1.3,<13",
  "nvidia-nccl-cu12>=2.27.7,<3",
  "nvidia-nvjitlink-cu12>=12.5.82,<13",
];
