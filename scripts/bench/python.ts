import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";

const run = promisify(execFile);

/** A Python with the pinned packages. */
export interface Python {
  program: string;
  /** Its own version and those of the packages: `Python 3.11.7`, `numpy 2.4.6`, … */
  versions: string[];
}

const VERSIONS = `
import sys
from importlib.metadata import version
print("Python", sys.version.split()[0])
for line in open(sys.argv[1]):
    name = line.split("==")[0].strip()
    if name: print(name, version(name))
`;

/**
 * A virtual environment with the packages of a requirements file, made in `folder` at the first call
 * and used again while the file stays as it is.
 *
 * @returns undefined where there is no python3
 * @throws a failure where the packages cannot be installed
 */
export async function openPython(
  requirements: string,
  folder: string,
  note: (sentence: string) => void,
): Promise<Python | undefined> {
  try {
    await run("python3", ["--version"]);
  } catch {
    return undefined;
  }
  const hash = createHash("sha256").update(await readFile(requirements));
  const place = path.join(folder, `venv-${hash.digest("hex").slice(0, 12)}`);
  const program = path.join(place, "bin/python");
  const complete = path.join(place, "complete");
  if (!existsSync(complete)) {
    note("Making a Python environment with the pinned packages (once)…");
    await rm(place, { recursive: true, force: true });
    try {
      await run("python3", ["-m", "venv", place]);
      await run(program, ["-m", "pip", "install", "--quiet", "-r", requirements]);
      await writeFile(complete, "");
    } catch (error) {
      const [first] = messageOf(error).split("\n");
      throw failure(
        `The Python environment could not be made: ${first}; --skip-python measures without it.`,
        error,
      );
    }
  }
  const { stdout } = await run(program, ["-c", VERSIONS, requirements]);
  return { program, versions: stdout.trim().split("\n") };
}
