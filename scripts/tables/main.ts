import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";
import { parseCount } from "../../src/common/text/parse.js";
import { note } from "../bench/options.js";
import { openPython } from "../bench/python.js";
import { columns } from "../bench/tables.js";
import { commandsOf, makeShapes, SHAPES } from "./shapes.js";

/*
 * `npm run tables` goes from ten files of ten shapes to R² on new rows, each by three commands of vadi and by a
 * pipeline of scikit-learn with the same steps, in one run. It fails where they differ by more than 1 %.
 */

const MAIN = fileURLToPath(new URL("../../bundle/main.js", import.meta.url));
const SOURCES = fileURLToPath(new URL("../../../scripts/tables/", import.meta.url));
const MOST_DIFFERENCE = 0.01;

const run = promisify(execFile);

/** R² of each shape by vadi's commands. */
async function scoresOfVadi(folder: string): Promise<Record<string, number>> {
  const scores: Record<string, number> = {};
  for (const shape of SHAPES) {
    let told = "";
    for (const words of commandsOf(shape)) {
      const all = [MAIN, ...words, "--json", "--quiet"];
      ({ stdout: told } = await run(process.execPath, all, { cwd: folder, maxBuffer: 2 ** 24 }));
    }
    scores[shape.name] = Number((JSON.parse(told) as { rSquared: number }).rSquared);
  }
  return scores;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "20k" },
      folder: { type: "string", default: ".bench" },
      python: { type: "string" },
    },
  });
  await mkdir(values.folder, { recursive: true });
  const requirements = path.join(SOURCES, "requirements.txt");
  const program =
    values.python ?? (await openPython(requirements, path.resolve(values.folder), note))?.program;
  if (program === undefined) throw failure("There is no python3 to run scikit-learn with.");
  const folder = await mkdtemp(path.join(path.resolve(values.folder), "tables-"));
  try {
    await makeShapes(folder, parseCount(values.rows, "--rows"));
    const own = await scoresOfVadi(folder);
    const { stdout } = await run(program, ["-B", path.join(SOURCES, "shapes.py"), folder]);
    const peer = JSON.parse(stdout) as Record<string, number>;
    const differences = SHAPES.map(({ name }) => Math.abs(own[name]! / peer[name]! - 1));
    const lines = columns([
      ["R² on new rows", "vadi", "scikit-learn", "difference"],
      ...SHAPES.map(({ name }, at) => [
        name,
        own[name]!.toFixed(5),
        peer[name]!.toFixed(5),
        `${(100 * differences[at]!).toFixed(3)} %`,
      ]),
    ]);
    process.stdout.write(`${lines.join("\n")}\n`);
    return differences.every((difference) => difference <= MOST_DIFFERENCE) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
