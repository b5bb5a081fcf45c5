import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { failure } from "../../common/errors.js";
import { findProgram, ProgramError, runProgram } from "../programs.js";
import { LIBRARIES } from "./wheel.js";

/** The version of Node-API, Node's stable addon interface: one build works on every Node that vadi supports. */
const NAPI_VERSION = 8;

const SOURCES = ["tfjs_backend.cc", "tfjs_binding.cc"];

/** The addon headers of this Node; undefined where it came without them. */
export function ownNodeHeaders(): string | undefined {
  const folder = path.resolve(path.dirname(process.execPath), "..", "include", "node");
  return existsSync(path.join(folder, "node_api.h")) ? folder : undefined;
}

/**
 * The C++ compiler on the PATH.
 *
 * @throws a failure that says how to get one
 */
export function findCompiler(): string {
  const chosen = process.env["CXX"];
  const names = chosen === undefined || chosen === "" ? ["c++", "g++", "clang++"] : [chosen];
  const compiler = findProgram(names);
  if (compiler === undefined) {
    throw failure(
      `There is no C++ compiler on the PATH (${names.join(", ")}), which builds the addon; install one, for instance with apt-get install g++, and run the command again.`,
    );
  }
  return compiler;
}

/**
 * Compiles the addon of a tfjs-node package against the TensorFlow in
 * `folder/site-packages/tensorflow`, into the folder from which the package loads it. Its paths are
 * relative, so that the installation can be moved.
 *
 * @param folder the installation
 * @param tfjsNode the package's folder, inside `folder`
 * @throws a failure with the compiler's first error
 */
export async function buildAddon(
  folder: string,
  tfjsNode: string,
  headers: string,
  signal?: AbortSignal,
): Promise<void> {
  const compiler = findCompiler();
  const output = path.join(tfjsNode, "lib", `napi-v${NAPI_VERSION}`);
  await mkdir(output, { recursive: true });
  const tensorflow = path.join(folder, "site-packages", "tensorflow");
  const args = ["-O2", "-std=c++17", "-fPIC", "-shared", `-DNAPI_VERSION=${NAPI_VERSION}`];
  args.push(`-I${path.join(tensorflow, "include")}`, `-I${headers}`);
  args.push(...SOURCES.map((name) => path.join(tfjsNode, "binding", name)));
  args.push(...LIBRARIES.map((name) => path.join(tensorflow, name)));
  args.push("-Xlinker", "-rpath", "-Xlinker", `$ORIGIN/${path.relative(output, tensorflow)}`);
  args.push("-o", path.join(output, "tfjs_binding.node"));
  try {
    await runProgram(compiler, args, { ...(signal && { signal }) });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw failure(
      `${compiler} could not build the addon of tfjs-node: ${error.line(/\berror\b/i).replace(/\.$/, "")}.`,
      error,
    );
  }
}
