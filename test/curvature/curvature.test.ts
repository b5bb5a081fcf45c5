import { existsSync } from "node:fs";
import { mkdtemp, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { parquetReadObjects, asyncBufferFromFile } from "hyparquet";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { assert, test } from "../helpers/test.js";
import { curvature, openCurvature } from "../../src/curvature/index.js";
import { openJob } from "../../src/curvature/curvature.js";
import { openProducts } from "../../src/curvature/open-products.js";
import { inFloat64 } from "../../src/landscape/exact/network.js";
import type { DenseNetwork } from "../../src/model/index.js";
import { memoryDataset } from "../helpers/memory-dataset.js";
import { example, folder, refused, runOf } from "../landscape/example.js";
import { lossAt, network, normals, numbers } from "../landscape/numbers.js";
import { addHessianProduct } from "./hessian.js";

/** All eigenvalues of the Hessian of the mean squared error, ascending, by a dense solver on the whole matrix. */
function spectrum(model: DenseNetwork, x: Float32Array, y: Float32Array): number[] {
  const exact = inFloat64(model);
  const sizes = exact.map(({ weights }) => weights.length);
  const size = sizes.reduce((sum, length) => sum + length, 0);
  const hessian = Matrix.zeros(size, size);
  for (let column = 0; column < size; column++) {
    let first = 0;
    const direction = exact.map((layer) => {
      const weights = new Float64Array(layer.weights.length);
      if (column >= first && column < first + weights.length) weights[column - first] = 1;
      first += weights.length;
      return { ...layer, weights };
    });
    const product = sizes.map((length) => new Float64Array(length));
    addHessianProduct(exact, direction, { x, y }, 0, y.length, product);
    for (const [row, value] of product.flatMap((part) => [...part]).entries()) {
      hessian.set(row, column, value / y.length);
    }
  }
  const { realEigenvalues } = new EigenvalueDecomposition(hessian, { assumeSymmetric: true });
  return realEigenvalues.toSorted((one, other) => one - other);
}

test("eigenvalues at both ends are those of the whole matrix, within their residuals", async () => {
  const next = normals(8);
  const model = network(next, [4, 12, 6, 1], 0.5);
  const run = runOf(model, "whole");
  const [x, y] = [numbers(next, 4 * 2000), numbers(next, 2000)];
  const expected = spectrum(model, x, y);
  const dataset = memoryDataset(x, y);
  const made = await curvature(run, { dataset, density: true, probes: 20, batchSize: 500 });
  assert.is(made.dir, path.join(run.dir, "curvature", "hessian"));
  const { record } = await openCurvature(made.dir);
  assert.equal(record, made.record);
  assert.is(record.parameters, expected.length);
  assert.is(record.rows, 2000);
  assert.is(record.batches, null);
  const ends = [record.least, record.largest] as const;
  for (const [side, pairs] of ends.entries()) {
    const wanted = side === 0 ? expected : expected.toReversed();
    assert.is(pairs.length, 5);
    for (const [at, { eigenvalue, residual, converged }] of pairs.entries()) {
      assert.is(converged, true);
      assert.ok(residual <= 1e-3 * Math.abs(eigenvalue));
      assert.ok(
        Math.abs(eigenvalue - wanted[at]!) <= residual + 1e-12,
        `${eigenvalue} ${wanted[at]}`,
      );
    }
  }
  assert.ok(record.least[0]!.eigenvalue < -0.001, "this Hessian has a negative eigenvalue");
  const trace = expected.reduce((sum, value) => sum + value, 0);
  assert.is(record.method, "matrix");
  assert.ok(Math.abs(record.trace.estimate - trace) < 1e-12 * trace);
  assert.is(record.trace.standardError, 0);
  const negative = expected.filter((value) => value < -1e-9);
  const { count, sum } = record.negative!;
  assert.ok(
    Math.abs(count.estimate - negative.length) < 5 * count.standardError + 1,
    `${count.estimate} ${negative.length}`,
  );
  const total = negative.reduce((all, value) => all + value, 0);
  assert.ok(Math.abs(sum.estimate - total) < 5 * sum.standardError + 1e-6);
  // A direction is a unit eigenvector: the loss bends along it as its eigenvalue says.
  const direction = (await made.direction(1)) as DenseNetwork;
  const flat = direction.flatMap(({ weights }) => [...weights]);
  assert.ok(Math.abs(Math.hypot(...flat) - 1) < 1e-6);
  const product = direction.map(({ weights }) => new Float64Array(weights.length));
  addHessianProduct(inFloat64(model), inFloat64(direction), { x, y }, 0, 2000, product);
  const along = product
    .flatMap((part) => [...part])
    .reduce((all, value, at) => all + (value * flat[at]!) / 2000, 0);
  assert.ok(Math.abs(along - record.least[0]!.eigenvalue) < 1e-5);
  const table = await parquetReadObjects({
    file: await asyncBufferFromFile(path.join(made.dir, "eigenpairs.parquet")),
  });
  assert.equal(table[0], {
    end: "least",
    index: 1,
    eigenvalue: record.least[0]!.eigenvalue,
    residual: record.least[0]!.residual,
  });
  assert.equal(table[5], {
    end: "largest",
    index: 1,
    eigenvalue: record.largest[0]!.eigenvalue,
    residual: record.largest[0]!.residual,
  });
  const density = await made.density();
  assert.is(density.eigenvalues.length, density.density.length);
});

test("single batches have the eigenvalues of their own Hessians; after an interruption it continues", async () => {
  const next = normals(9);
  const model = network(next, [3, 6, 4, 1], 0.5);
  const run = runOf(model, "batches");
  const [x, y] = [numbers(next, 3 * 190), numbers(next, 190)];
  const dataset = memoryDataset(x, y);
  const out = path.join(folder, "batches-out");
  const options = { dataset, batchSize: 40, perBatch: true, vectors: 1, tolerance: 1e-6, out };
  const controller = new AbortController();
  const interrupted = curvature(run, {
    ...options,
    signal: controller.signal,
    onProgress: ({ phase, done }) => {
      if (phase === "eigenvalues of batches" && done === 2) controller.abort();
    },
  });
  await refused(interrupted, "interrupted", "resume");
  const done: number[] = [];
  const made = await curvature(run, {
    ...options,
    resume: true,
    onProgress: (progress) => {
      if (progress.phase === "eigenvalues of batches") done.push(progress.done);
    },
  });
  assert.equal(done, [3, 4, 5]);
  const batches = await made.perBatch();
  assert.equal(
    batches.map(({ batch }) => batch),
    [0, 1, 2, 3, 4],
  );
  for (const { batch, least, leastResidual, largest, largestResidual } of batches) {
    const [from, to] = [40 * batch, Math.min(190, 40 * (batch + 1))];
    const expected = spectrum(model, x.slice(3 * from, 3 * to), y.slice(from, to));
    assert.ok(Math.abs(least - expected[0]!) <= leastResidual + 1e-12, `${least} ${expected[0]}`);
    assert.ok(Math.abs(largest - expected.at(-1)!) <= largestResidual + 1e-12);
  }
  const { perBatch } = made.record;
  assert.is(perBatch!.least[0], Math.min(...batches.map(({ least }) => least)));
  assert.is(perBatch!.largest[1], Math.max(...batches.map(({ largest }) => largest)));
});

test("kinks along an eigenvector: the units that switch, and the second difference of the losses", async () => {
  const { run, dataset, x, y } = example([3, 6, 4, 1], 90, "kinks");
  const made = await curvature(run, { dataset, kinks: 0.5, vectors: 1 });
  const centre = (await run.weights()) as DenseNetwork;
  assert.is(made.record.kinks?.length, 2);
  for (const { direction, radius, switches, quotient, fromKinks } of made.record.kinks!) {
    const along = (await made.direction(direction)) as DenseNetwork;
    const [left, middle, right] = [-0.5, 0, 0.5].map((at) => lossAt(centre, along, at, x, y));
    assert.is(radius, 0.5);
    assert.ok(switches > 0);
    const expected = (left! - 2 * middle! + right!) / 0.25;
    assert.ok(Math.abs(quotient - expected) < 1e-9, `${quotient} ${expected}`);
    assert.ok(Math.abs(fromKinks) > 0);
  }
  const tanh = centre.map((layer, at) => ({
    ...layer,
    activation: at < 2 ? ("tanh" as const) : layer.activation,
  }));
  run.weights = () => Promise.resolve(tanh);
  const out = path.join(folder, "no-kinks");
  await refused(curvature(run, { dataset, kinks: 1, out }), "usage", "kinks", "ReLU");
});

test("Gauss–Newton has no negative eigenvalue, and the parts add up", async () => {
  const { run, dataset } = example([3, 6, 4, 1], 200, "parts");
  const made = await Promise.all(
    (["all", "gauss-newton", "residual"] as const).map((part) =>
      curvature(run, { dataset, part, vectors: 2, probes: 4 }),
    ),
  );
  const [all, gaussNewton, residual] = made.map(({ record }) => record);
  assert.ok(gaussNewton!.least[0]!.eigenvalue > -1e-12);
  assert.ok(residual!.least[0]!.eigenvalue < 0);
  // Weyl: the least eigenvalue of a sum is not below the sum of the least ones.
  assert.ok(all!.least[0]!.eigenvalue >= residual!.least[0]!.eigenvalue - 1e-9);
  assert.ok(
    Math.abs(all!.trace.estimate - gaussNewton!.trace.estimate - residual!.trace.estimate) < 1e-9,
  );
  assert.ok(made[2]!.dir.endsWith(path.join("curvature", "residual")));
});

test("after an interruption it continues with the products that it has, to the same bytes", async () => {
  const { run, dataset } = example([3, 8, 4, 1], 300, "resumed");
  const whole = await curvature(run, { dataset, out: path.join(folder, "uninterrupted") });
  const out = path.join(folder, "interrupted");
  const controller = new AbortController();
  const interrupted = curvature(run, {
    dataset,
    out,
    signal: controller.signal,
    onProgress: ({ phase }) => {
      if (phase === "product 20") controller.abort();
    },
  });
  await refused(interrupted, "interrupted", "products", "resume");
  await refused(curvature(run, { dataset, out }), "usage", "not finished");
  await refused(
    curvature(run, { dataset, out, resume: true, tolerance: 0.1 }),
    "failed",
    "another tolerance",
  );
  // A kill can cut the last record.
  const log = path.join(out, ".partial", "products.bin");
  const { length } = await readFile(log);
  await truncate(log, length - 5);
  const computed: string[] = [];
  const made = await curvature(run, {
    dataset,
    out,
    resume: true,
    onProgress: ({ phase }) => void computed.push(phase),
  });
  assert.is(computed[0], "product 20");
  assert.not.ok(existsSync(path.join(out, ".partial")));
  for (const file of [
    "eigenpairs.parquet",
    "directions/1/weights.bin",
    "directions/-5/weights.bin",
  ]) {
    assert.equal(
      await readFile(path.join(out, file)),
      await readFile(path.join(whole.dir, file)),
      file,
    );
  }
  const { seconds: _one, command: _two, ...record } = made.record;
  const { seconds: _three, command: _four, ...expected } = whole.record;
  assert.equal(record, expected);
  // A complete one is found, unless it was computed otherwise.
  assert.equal((await curvature(run, { dataset, out, resume: true })).record, made.record);
  await refused(
    curvature(run, { dataset, out, resume: true, vectors: 3 }),
    "usage",
    "another vectors",
  );
  await refused(curvature(run, { dataset, out }), "usage", "force");
});

test("the trace of a whole Hessian is kept with the products", async () => {
  const { run, dataset } = example([3, 5, 1], 400, "trace");
  const passes: string[] = [];
  const options = {
    dataset,
    onProgress: ({ phase }: { phase: string }) => void passes.push(phase),
  };
  const { network: layers, settings } = await openJob(run, options);
  const input = { network: layers, dataset, settings, options };
  const partial = await mkdtemp(path.join(folder, "trace-"));
  const first = await openProducts(input, partial);
  const trace = await first.trace();
  const vector = new Float64Array(first.size).fill(1);
  const [product] = await first.times([vector]);
  await first.close();
  assert.ok(passes.length > 0);
  passes.length = 0;
  const again = await openProducts(input, partial);
  assert.is(again.logged, 2);
  assert.is(await again.trace(), trace);
  assert.equal(await again.times([vector]), [product]);
  await again.close();
  assert.equal(passes, []);
});

test("products of another iteration are refused", async () => {
  const { run, dataset } = example([3, 5, 1], 50, "foreign");
  const out = path.join(folder, "foreign-out");
  const controller = new AbortController();
  const interrupted = curvature(run, {
    dataset,
    out,
    signal: controller.signal,
    onProgress: ({ phase }) => {
      if (phase === "product 9") controller.abort();
    },
  });
  await refused(interrupted, "interrupted", "products");
  const plan = path.join(out, ".partial", "plan.json");
  await writeFile(plan, (await readFile(plan, "utf8")).replace('"seed":42', '"seed":43'));
  await refused(
    curvature(run, { dataset, out, resume: true, seed: 43 }),
    "failed",
    "another iteration",
  );
});

test("options that cannot be are refused", async () => {
  const { run, dataset } = example([3, 5, 1], 50, "wrong");
  await refused(curvature(run, { dataset, vectors: 0 }), "usage", "vectors");
  await refused(curvature(run, { dataset, batches: [7] }), "usage", "batches", "7");
  await refused(curvature(run, { dataset, resume: true, force: true }), "usage", "resume", "force");
  run.weights = () =>
    Promise.resolve([
      { ...network(normals(1), [3, 1], 1)[0]!, weights: Float32Array.of(1, NaN, 2) },
    ]);
  await refused(curvature(run, { dataset }), "failed", "not finite");
});

test.run();
