import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { messageOf } from "../helpers/message-of.js";
import {
  evaluate,
  landscape,
  mergeTasks,
  openDataset,
  planTasks,
  predict,
  train,
} from "../../src/index.js";
import { writeDataset } from "../../src/storage/index.js";
import { assertSameFiles, runJob } from "./job.js";

const folder = await mkdtemp(path.join(tmpdir(), "vadi-tasks-"));
const inFolder = (name: string): string => path.join(folder, name);
test.after(() => rm(folder, { recursive: true, force: true }));

const SUMS = ["SHA256SUMS", "manifest.json"];
const rows = { rows: 5300, shardRows: 500, features: 3 };
const dataset = inFolder("lsm");

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test.before(async () => {
  await writeDataset({ ...rows, kind: "lsm", out: dataset });
});

test("the shards of LSM data, divided among tasks, join to the bytes of one machine", async () => {
  const out = inFolder("lsm-joined");
  const results = await runJob({ job: "generate", kind: "lsm", ...rows, out }, { tasks: 4 });
  assert.equal(
    results.map(({ found }) => found["shards"]),
    [2, 3, 3, 3],
  );
  const merged = await mergeTasks(`${out}.parts`, { out });
  assert.is(merged.job, "generate");
  await assertSameFiles(out, dataset, SUMS);
});

test("two-layer-sigmoid data is made in three stages, each from the results before it", async () => {
  const kind = "two-layer-sigmoid" as const;
  const whole = inFolder("sigmoid");
  await writeDataset({ ...rows, kind, format: "parquet", out: whole });
  const out = inFolder("sigmoid-joined");
  const job = { job: "generate", kind, ...rows, format: "parquet", out } as const;
  assert.match(
    await messageOf(planTasks(job, { stage: "second-maximum" })),
    /sigmoid-joined.parts/,
  );
  await runJob(job, { tasks: 3, stage: "first-maximum" });
  assert.match(await messageOf(mergeTasks(`${out}.parts`, { out })), /maxima alone/);
  await runJob(job, { tasks: 5, stage: "second-maximum" });
  assert.match(
    await messageOf(planTasks({ ...job, seed: 7 })),
    /The maxima in .* are those of other data: seed is 42 there, not 7/,
  );
  await runJob(job, { tasks: 20 });
  await mergeTasks(`${out}.parts`, { out });
  await assertSameFiles(out, whole, SUMS);
});

test("verification divided among tasks finds what one machine finds", async () => {
  const damaged = inFolder("damaged");
  await writeDataset({ ...rows, kind: "lsm", out: damaged });
  await appendFile(path.join(damaged, "shard-00007.arrow"), "x");
  await rm(path.join(damaged, "shard-00002.arrow"));
  await writeFile(path.join(damaged, "shard-00099.arrow"), "");
  const parts = inFolder("verify");
  await runJob({ job: "verify", dataset: damaged }, { parts, tasks: 3 });
  const merged = await mergeTasks(parts);
  const { verification } = merged as Extract<typeof merged, { job: "verify" }>;
  assert.not.ok(verification.ok);
  assert.is(verification.files, 12);
  assert.is(verification.rows, 5300);
  assert.equal(verification.shards.map(({ file, status }) => [file, status]).toSorted(), [
    ["shard-00002.arrow", "missing"],
    ["shard-00007.arrow", "damaged"],
    ["shard-00099.arrow", "extra"],
  ]);
});

for (const model of ["linear", "mlp:5"]) {
  test(`${model}: landscapes and evaluations of tasks are those of one machine`, async () => {
    const name = model.replace(":", "-");
    const data = await openDataset(dataset);
    const run = await train(data, {
      out: inFolder(name),
      model,
      batchSize: 100,
      learningRate: 0.01,
      standardize: true,
    });
    const out = inFolder(`${name}-joined`);
    const line = { points: 11, scale: 0.5, batches: "all" } as const;
    await runJob({ job: "landscape", run: run.dir, ...line, out }, { tasks: 4 });
    const merged = await mergeTasks(`${out}.parts`, { out });
    const { landscape: joined } = merged as Extract<typeof merged, { job: "landscape" }>;
    const whole = await landscape(run, { ...line, out: inFolder(`${name}-whole`) });
    await assertSameFiles(out, whole.dir, ["slices.parquet", "summary.parquet"]);
    assert.equal(joined.record.batches, whole.record.batches);
    assert.is(joined.record.command, `vadi merge ${out}.parts --out ${out}`);

    const parts = inFolder(`${name}-evaluate`);
    await runJob({ job: "evaluate", run: run.dir }, { parts, tasks: 7 });
    const evaluated = await mergeTasks(parts);
    const { evaluation } = evaluated as Extract<typeof evaluated, { job: "evaluate" }>;
    // In float64, from the predictions.
    const targets: number[] = [];
    for await (const { y } of data.batches({ batchSize: 100, shuffle: "none" })) targets.push(...y);
    const errors: number[] = [];
    for await (const some of predict(run, data, { float64: true })) {
      for (const value of some) errors.push(value - targets[errors.length]!);
    }
    const loss = mean(errors.map((error) => error ** 2));
    const targetMean = mean(targets);
    const variance = mean(targets.map((target) => (target - targetMean) ** 2));
    assert.equal(evaluation, await evaluate(run, data));
    assert.is(evaluation.rows, 5300);
    assert.ok(Math.abs(evaluation.loss / loss - 1) < 1e-12);
    assert.ok(Math.abs(evaluation.rSquared! - (1 - loss / variance)) < 1e-12);
    assert.ok(Math.abs(evaluation.meanAbsoluteError / mean(errors.map(Math.abs)) - 1) < 1e-12);
  });
}

test("a line that depends on all batches is refused", async () => {
  const run = inFolder("linear");
  for (const [given, says] of [
    [{ along: "gradient" }, /along gradient is found from the selected batches/],
    [{ along: "swap" }, /swap:LAYER:I:J/],
    [{ scale: "auto" }, /scale auto is found/],
  ] as const) {
    assert.match(
      await messageOf(planTasks({ job: "landscape", run, ...given, out: inFolder("x") })),
      says,
    );
  }
});

test.run();
