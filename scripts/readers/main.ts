import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";
import { openPython } from "../bench/python.js";
import { makeCases } from "./cases.js";
import { makeFolders } from "./folders.js";
import { makeFormats } from "./formats.js";

/*
 * `npm run readers` checks by other programs that the files and the numbers are what the docs say:
 *
 * - check.py has pyarrow, Polars, DuckDB and Spark read datasets in every format and compression, without
 *   options: values to the bit, statistics of row groups, and what each shard says of itself;
 * - reference/compare.py computes datasets, splits, shuffles, initial weights, learning rates, clipping,
 *   dropout and landscapes again, by programs that were written from docs/, and compares vadi's;
 * - folders/compare.py reads the folders of datasets, runs, landscapes, curvatures and certificates, and
 *   computes again what is in them;
 * - docs/how-to/pytorch.md's programs take weights to vadi and back.
 *
 * The Python packages come from a virtual environment that the first run makes in `--folder .bench`.
 * Spark needs a Java and is left out, with its package, with `--skip-spark`.
 */

const source = fileURLToPath(new URL("../../../scripts/readers/", import.meta.url));

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      folder: { type: "string", default: ".bench" },
      "skip-spark": { type: "boolean", default: false },
    },
  });
  const skipSpark = values["skip-spark"];
  await mkdir(values.folder, { recursive: true });
  const python = await openPython(
    path.join(source, "requirements", skipSpark ? "readers.txt" : "readers-spark.txt"),
    path.resolve(values.folder),
    (sentence) => process.stderr.write(`${sentence}\n`),
  );
  if (python === undefined) throw failure("There is no python3 to run the readers with.");
  const folder = await mkdtemp(path.join(path.resolve(values.folder), "readers-"));
  const env = { ...process.env, ...(skipSpark && { SKIP_SPARK: "1" }) };
  const succeeds = (program: string, argument: string): boolean => {
    const { status } = spawnSync(python.program, [path.join(source, program), argument], {
      stdio: ["ignore", "inherit", "inherit"],
      env,
    });
    return status === 0;
  };
  try {
    await makeFormats(folder);
    const isRead = succeeds("check.py", folder);
    const cases = path.join(folder, "cases");
    await makeCases(cases);
    const isSame = succeeds("reference/compare.py", cases);
    const folders = path.join(folder, "folders");
    await makeFolders(folders);
    const isRepeated = succeeds("folders/compare.py", folders);
    const isTaken = takesWeights(python.program);
    return isRead && isSame && isRepeated && isTaken ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The test of the how-to page, with a Python that has its packages. */
function takesWeights(python: string): boolean {
  const program = fileURLToPath(new URL("../../test/docs/how-to.test.js", import.meta.url));
  const env = { ...process.env, TEST_PYTHON: python, TEST_PAGE: "pytorch.md" };
  const { status } = spawnSync(process.execPath, [program], {
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  return status === 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
