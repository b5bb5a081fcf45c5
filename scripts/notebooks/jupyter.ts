import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { failure } from "../../src/common/errors.js";
import { openPython } from "../bench/python.js";

const source = fileURLToPath(new URL("../../../scripts/notebooks/", import.meta.url));
const CHART = "application/vnd.vegalite.v5+json";

interface Cell {
  cell_type: string;
  id: string;
  outputs?: { data?: Record<string, unknown> }[];
}

/**
 * Runs valley.ipynb by Deno's kernel and checks what its cells put out.
 *
 * @param folder has Deno in its node_modules; gets a Python environment
 * @returns what is to be printed
 */
export async function runJupyter(
  work: string,
  folder: string,
  note: (sentence: string) => void,
): Promise<string> {
  const python = await openPython(path.join(source, "requirements.txt"), folder, note);
  if (python === undefined) {
    throw failure("The notebook was not run: there is no python3, of which Jupyter is made.");
  }
  const kernels = path.join(work, "jupyter");
  await writeKernel(kernels, path.join(folder, "node_modules/.bin/deno"));
  const output = path.join(work, "executed.ipynb");
  const words = [path.join(source, "execute.py"), path.join(work, "valley.ipynb"), output];
  await succeed(python.program, words, { JUPYTER_PATH: kernels });
  const { cells } = JSON.parse(await readFile(output, "utf8")) as { cells: Cell[] };
  const programs = cells.filter((cell) => cell.cell_type === "code");
  const silent = programs.find((cell) => cell.outputs?.length === 0);
  if (silent !== undefined) throw failure(`valley.ipynb: cell ${silent.id} puts out nothing.`);
  const charts = programs.flatMap((cell) => cell.outputs ?? []).map((one) => one.data?.[CHART]);
  const chart = charts.find((one) => one !== undefined) as
    | { data: { values: { loss: number }[] } }
    | undefined;
  const values = chart?.data.values ?? [];
  // 61 points of five batches.
  if (values.length !== 305 || !values.every(({ loss }) => loss > 0)) {
    throw failure(`valley.ipynb: the chart has ${values.length} points.`);
  }
  if (!existsSync(path.join(work, "valley.html"))) {
    throw failure("valley.ipynb: there is no report.");
  }
  return `valley.ipynb: ${programs.length} cells were run by Deno's kernel.`;
}

/** Tells Jupyter of the kernel, as `deno jupyter --install` does for a user. */
async function writeKernel(folder: string, deno: string): Promise<void> {
  const own = path.join(folder, "kernels/deno");
  await mkdir(own, { recursive: true });
  const kernel = {
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  await writeFile(path.join(own, "kernel.json"), JSON.stringify(kernel));
}

/** Runs a program whose output is shown if it fails. */
export function succeed(
  program: string,
  words: readonly string[],
  environment: Record<string, string>,
  cwd?: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let told = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (told += text));
    }
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(failure(`${program} ${words.join(" ")} failed:\n${told.slice(-4000)}`));
    });
  });
}
