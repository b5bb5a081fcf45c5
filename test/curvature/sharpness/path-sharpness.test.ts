import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { assert, test } from "../../helpers/test.js";
import { curvature, openCurvature } from "../../../src/curvature/index.js";
import { loadModel, type DenseNetwork } from "../../../src/model/index.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset, type Dataset } from "../../../src/stream/index.js";
import { train, type Run, type TrainOptions } from "../../../src/train/index.js";
import { branched, dataset as table } from "../../helpers/layers-models.js";
import { folder, refused } from "../../landscape/example.js";
import { wholeHessian } from "../dense-spectrum.js";

const ROWS = 300;
const STEPS = 40;

const datasets = new Map<number, Promise<Dataset>>();

function dataset(rows = ROWS): Promise<Dataset> {
  const out = path.join(folder, `data-${rows}`);
  const spec = { kind: "two-layer-sigmoid", rows, features: 4, seed: 3, out } as const;
  const found = datasets.get(rows) ?? writeDataset(spec).then(() => openDataset(out));
  datasets.set(rows, found);
  return found;
}

async function trained(name: string, own: Partial<TrainOptions> = {}, rows = ROWS): Promise<Run> {
  return train(await dataset(rows), {
    model: "mlp:8,5",
    optimizer: "gradient-descent",
    learningRate: 0.4,
    epochs: STEPS,
    batchSize: 100,
    seed: 5,
    out: path.join(folder, name),
    ...own,
  });
}

/** The largest eigenvalue of a matrix, by a dense solver. */
function largestOf({ size, values }: ReturnType<typeof wholeHessian>): number {
  const rows = Array.from({ length: size }, (_, row) => [
    ...values.subarray(row * size, (row + 1) * size),
  ]);
  const { realEigenvalues } = new EigenvalueDecomposition(new Matrix(rows), {
    assumeSymmetric: true,
  });
  return Math.max(...realEigenvalues);
}

/** The predictions of a network with two hidden layers, in float32. */
function predictionsOf(network: DenseNetwork, x: Float32Array, rows: number): Float32Array {
  let values = Float64Array.from(x);
  for (const [at, { inputs, outputs, weights }] of network.entries()) {
    const next = new Float64Array(rows * outputs);
    for (let row = 0; row < rows; row++) {
      for (let to = 0; to < outputs; to++) {
        let sum = 0;
        for (let from = 0; from < inputs; from++)
          sum += values[row * inputs + from]! * weights[from * outputs + to]!;
        next[row * outputs + to] = at === network.length - 1 ? sum : Math.max(0, sum);
      }
    }
    values = next;
  }
  return Float32Array.from(values);
}

test("the largest eigenvalue at each snapshot is that of the whole Hessian, within its residual", async () => {
  const run = await trained("descent");
  const made = await curvature(run, { alongPath: true, vectors: 1 });
  const found = await made.alongPath();
  const { x, y } = await (await dataset()).head(ROWS);
  assert.equal(
    found.map(({ step }) => step),
    Array.from({ length: STEPS + 1 }, (_, step) => step),
  );
  for (const { step, largest, residual, limit } of found) {
    const network = (await loadModel(path.join(run.dir, "path", `step-${step}`))) as DenseNetwork;
    const expected = largestOf(wholeHessian(network, x, y));
    assert.ok(residual <= 1e-3 * largest, `step ${step}`);
    assert.ok(
      Math.abs(largest - expected) <= residual + 1e-10,
      `step ${step}: ${largest}, not ${expected}`,
    );
    assert.is(limit, 5);
  }
  const summary = (await openCurvature(made.dir)).record.alongPath!;
  assert.is(summary.snapshots, STEPS + 1);
  assert.is(summary.unconverged, 0);
  assert.equal(summary.first, found[0]);
  assert.equal(summary.last, found.at(-1));
  // Another reader finds the same numbers in the table.
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(path.join(made.dir, "path.parquet")),
  });
  assert.equal(
    rows.map(({ step, largest, limit }) => [Number(step), largest, limit]),
    found.map(({ step, largest, limit }) => [step, largest, limit]),
  );
  // The last snapshot is the trained network, whose eigenvalues are found from scratch.
  const [largest] = made.record.largest;
  const last = found.at(-1)!;
  assert.ok(Math.abs(largest!.eigenvalue - last.largest) <= largest!.residual + last.residual);
});

test("threads, and rows that are read again in every pass, change nothing", async () => {
  // More rows than one thread takes at a time.
  const run = await trained("threads", { epochs: 2, batchSize: 10_000 }, 70_000);
  const values = async (name: string, own: object): Promise<number[]> => {
    const out = path.join(run.dir, "curvature", name);
    const found = await curvature(run, { alongPath: true, vectors: 1, out, ...own });
    return (await found.alongPath()).map(({ largest }) => largest);
  };
  const usual = await values("usual", { workers: 1 });
  assert.is(usual.length, 3);
  // The rows take 1.4 MB.
  assert.equal(await values("read-again", { memory: 2 ** 21, workers: 3 }), usual);
});

test("of the Gauss–Newton part the largest eigenvalues are other ones", async () => {
  const run = await trained("part", { epochs: 2 });
  const own = { alongPath: true, vectors: 1, part: "gauss-newton", products: 60 } as const;
  const { x, y } = await (await dataset()).head(ROWS);
  for (const { step, largest, residual } of await (await curvature(run, own)).alongPath()) {
    const network = (await loadModel(path.join(run.dir, "path", `step-${step}`))) as DenseNetwork;
    // Where all residuals are 0, only this part is left.
    const predictions = predictionsOf(network, x, y.length);
    const expected = largestOf(wholeHessian(network, x, predictions));
    assert.ok(Math.abs(largest - expected) <= residual + 1e-5 * expected, `step ${step}`);
    assert.ok(Math.abs(largest - largestOf(wholeHessian(network, x, y))) > 1e-3, `step ${step}`);
  }
});

test("an interrupted path continues without computing a finished snapshot again, to the same bytes", async () => {
  const run = await trained("resumed", { epochs: 8 });
  const options = { alongPath: true, vectors: 1 } as const;
  const whole = await curvature(run, { ...options, out: path.join(folder, "whole") });
  const out = path.join(folder, "interrupted");
  const controller = new AbortController();
  const interrupted = curvature(run, {
    ...options,
    out,
    signal: controller.signal,
    onProgress: ({ unit, done }) => {
      if (unit === "snapshots" && done === 3) controller.abort();
    },
  });
  await refused(interrupted, "interrupted", "resume");
  await refused(curvature(run, { vectors: 1, out, resume: true }), "failed", "another alongPath");
  const journal = path.join(out, ".partial", "path.jsonl");
  const kept = await readFile(journal, "utf8");
  assert.is(kept.trimEnd().split("\n").length, 3);
  // A kill can cut the last line.
  await writeFile(journal, kept.slice(0, -7));
  const done: number[] = [];
  const made = await curvature(run, {
    ...options,
    out,
    resume: true,
    onProgress: (progress) => {
      if (progress.unit === "snapshots") done.push(progress.done);
    },
  });
  assert.equal(done, [3, 4, 5, 6, 7, 8, 9]);
  for (const file of ["path.parquet", "eigenpairs.parquet"]) {
    assert.equal(
      await readFile(path.join(out, file)),
      await readFile(path.join(whole.dir, file)),
      file,
    );
  }
  assert.equal(made.record.alongPath, whole.record.alongPath);
  await refused(curvature(run, { vectors: 1, out, resume: true }), "usage", "another alongPath");
});

test("the path of a model of any layers: its last snapshot has the trained model's largest eigenvalue", async () => {
  const model = branched();
  const out = path.join(folder, "branched");
  const run = await train(table, { model, learningRate: 0.02, batchSize: 200, epochs: 2, out });
  model.dispose();
  const own = { dataset: table, alongPath: true, vectors: 1, products: 60 } as const;
  const { record, alongPath } = await curvature(run, own);
  assert.is(record.method, "autodiff");
  const found = await alongPath();
  assert.equal(
    found.map(({ step }) => step),
    [0, 1, 2, 3, 4],
  );
  const [largest] = record.largest;
  const last = found.at(-1)!;
  const difference = Math.abs(largest!.eigenvalue - last.largest);
  assert.ok(difference <= largest!.residual + last.residual + 1e-5 * last.largest);
  assert.ok(Math.abs(found[0]!.largest - last.largest) > 1e-3, "the snapshots differ");
});

test("the limit follows the schedule, and rules that scale each weight have none", async () => {
  const stepped = await trained("stepped", {
    schedule: "step",
    stepSize: 2,
    gamma: 0.5,
    epochs: 4,
  });
  const options = { alongPath: true, vectors: 1, products: 60 } as const;
  const limits = (await (await curvature(stepped, options)).alongPath()).map(({ limit }) => limit);
  // The rate of the step that follows each snapshot; after the last snapshot that of the last step.
  assert.equal(limits, [5, 5, 10, 10, 10]);
  const adam = await trained("adam", { optimizer: "adam", learningRate: 0.01, epochs: 1 });
  const made = await curvature(adam, options);
  assert.is(made.record.alongPath?.stability, null);
  assert.equal(new Set((await made.alongPath()).map(({ limit }) => limit)), new Set([null]));
});

test("a run without snapshots is refused, and a result without them says so", async () => {
  const run = await trained("none", { epochs: 1 });
  const made = await curvature(run, { vectors: 1 });
  await refused(made.alongPath(), "failed", "alongPath");
  assert.ok((await readdir(path.join(run.dir, "path"))).length > 0);
  await rm(path.join(run.dir, "path"), { recursive: true });
  await refused(
    curvature(run, { alongPath: true, force: true }),
    "usage",
    "alongPath",
    "snapshots",
  );
});

test.run();
