import { availableParallelism } from "node:os";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatCount } from "../../src/common/text/numbers.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { generate, openDataset, train } from "../../src/index.js";
import { isDense } from "../../src/model/index.js";
import { describeMachine, machineFacts } from "./machine.js";
import { measure, runProgram, type Entrant, type Measurement } from "./measure.js";
import {
  atLeastOne,
  COMMON,
  HERE,
  note,
  openPeers,
  readCommon,
  SOURCES,
  whyMissing,
} from "./options.js";
import { firstRows } from "./peers/first-rows.js";
import type { Python } from "./python.js";
import { columns, ratioTable, type Ratio } from "./tables.js";

/*
 * The five least and five largest eigenvalues of the Hessian of the notebook's MLP over all rows, to a relative
 * residual of 10⁻³, beside torch: double backward by hand with SciPy's eigsh, which finds both ends at once, and
 * PyHessian, which finds those of largest magnitude. Every program runs as a process of its own and times its job
 * alone; vadi reads the dataset's files, the others have the rows in memory before they start.
 */

const FEATURES = 10;
const SEED = 10;
const VECTORS = 5;
const TOLERANCE = 1e-3;
/** Vectors of ARPACK’s basis. With its default of 21, 8 of 10 eigenvalues converge within 200 restarts. */
const BASIS = 150;

const VADI = "vadi curvature, Arrow files, float64";
const EIGSH = "torch double backward and eigsh, float32";
const PYHESSIAN = "PyHessian, float32, largest only";

interface Files {
  run: string;
  dataset: string;
  x: string;
  y: string;
  weights: string;
  widths: number[];
}

/** A trained network, and its weights and rows in plain files. */
async function makeFiles(folder: string, rows: number, epochs: number): Promise<Files> {
  const place = (name: string): string => path.join(folder, name);
  const files = { run: place("run"), dataset: place("dataset"), x: place("x"), y: place("y") };
  const out = files.dataset;
  const spec = { kind: "two-layer-sigmoid", features: FEATURES, noise: 0.1, seed: SEED } as const;
  await generate({ ...spec, rows, out });
  const dataset = await openDataset(out);
  const network = await (
    await train(dataset, { out: files.run, model: "mlp", learningRate: 0.1, epochs, seed: SEED })
  ).weights();
  if (!isDense(network)) throw new Error("The MLP has dense layers");
  const { x, y } = await firstRows(dataset, rows);
  await writeFile(files.x, x);
  await writeFile(files.y, y);
  const weights = place("weights");
  await writeFile(weights, Float32Array.from(network.flatMap((layer) => [...layer.weights])));
  const widths = [FEATURES, ...network.map(({ outputs }) => outputs)];
  return { ...files, weights, widths };
}

function entrantsOf(files: Files, rows: number, python: Python | undefined): Entrant[] {
  const own = { vectors: VECTORS, tolerance: TOLERANCE };
  const torch = (name: string, way: string): Entrant[] => {
    if (python === undefined) return [];
    const rest = { rows, basis: BASIS, float64: false, threads: availableParallelism() };
    const script = path.join(SOURCES, "peers/curvature_torch.py");
    const told = JSON.stringify({ ...own, ...files, ...rest, way });
    return [{ name, rows, run: () => runProgram(python.program, ["-B", script, told]) }];
  };
  return [
    {
      name: VADI,
      rows,
      run: (folder) =>
        runProgram(process.execPath, [
          path.join(HERE, "peers/curvature.js"),
          JSON.stringify({ ...own, run: files.run, dataset: files.dataset, folder }),
        ]),
    },
    ...torch(EIGSH, "eigsh"),
    ...torch(PYHESSIAN, "pyhessian"),
  ];
}

function eigenvalue(values: unknown): string {
  const last = Array.isArray(values) ? (values.at(-1) as unknown) : undefined;
  return typeof last === "number" ? last.toPrecision(5) : "";
}

function curvatureTable(measured: readonly Measurement[]): string[] {
  return columns([
    [
      "",
      "s",
      "least – most",
      "passes",
      "worst residual/|λ|",
      "λ₅ least",
      "λ₅ largest",
      "peak memory",
    ],
    ...measured.map(({ name, seconds, peakRssBytes, told }) => [
      name,
      seconds.median.toFixed(2),
      `${seconds.least.toFixed(2)} – ${seconds.most.toFixed(2)}`,
      typeof told["passes"] === "number" ? String(told["passes"]) : "",
      typeof told["worst"] === "number" ? told["worst"].toExponential(1) : "",
      eigenvalue(told["least"]),
      eigenvalue(told["largest"]),
      formatBytes(peakRssBytes),
    ]),
  ]);
}

function ratios(measured: readonly Measurement[]): Ratio[] {
  const seconds = (name: string): number =>
    measured.find((measurement) => measurement.name === name)?.seconds.median ?? NaN;
  return [EIGSH, PYHESSIAN]
    .map((name) => ({ name: `${name} / vadi`, value: seconds(name) / seconds(VADI), goal: "3" }))
    .filter(({ value }) => !Number.isNaN(value));
}

/**
 * Measures eigenvalues.
 *
 * @param words `--rows 100k --epochs 200 --runs 3 --folder .bench --skip-python --json`
 * @returns what is to be printed
 */
export async function benchCurvature(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: {
      rows: { type: "string", default: "100k" },
      epochs: { type: "string", default: "200" },
      ...COMMON,
    },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const epochs = atLeastOne(values.epochs, "--epochs");
  const common = await readCommon(values);
  const { runs, folder, json } = common;
  const python = await openPeers("curvature.txt", common);
  const place = await mkdtemp(path.join(folder, "curvature-"));
  let measured: Measurement[];
  try {
    const files = await makeFiles(place, rows, epochs);
    measured = await measure(entrantsOf(files, rows, python), runs, place, ({ name }, run) =>
      note(`run ${run + 1} of ${runs}: ${name}`),
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  const machine = machineFacts(python?.versions ?? []);
  const found = ratios(measured);
  if (json) {
    const about = { concern: "curvature", rows, features: FEATURES, runs, machine };
    return JSON.stringify({ ...about, measured, ratios: found }, undefined, 2);
  }
  return [
    `curvature: ${VECTORS} least and ${VECTORS} largest eigenvalues of the MLP's Hessian over ${formatCount(rows)} rows × ${FEATURES} features, tolerance ${TOLERANCE}, medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    ...whyMissing(python, common, "torch and PyHessian are"),
    "",
    ...curvatureTable(measured),
    "",
    ...ratioTable(found),
  ].join("\n");
}
