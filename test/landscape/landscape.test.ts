import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { assert, test } from "../helpers/test.js";
import { VadiError } from "../../src/common/errors.js";
import { landscape, mergeLandscapes, openLandscape } from "../../src/landscape/index.js";
import type { LandscapeOptions } from "../../src/landscape/index.js";
import type { BatchOptions, Dataset } from "../../src/stream/index.js";
import type { DenseNetwork } from "../../src/model/index.js";
import type { Run } from "../../src/train/index.js";
import { memoryDataset } from "../helpers/memory-dataset.js";
import { lossAt, network, normals, numbers, worstRelative } from "./numbers.js";

let folder = "";

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "vadi-landscape-"));
});

test.after(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A run as far as landscapes need one. */
function runOf(weights: DenseNetwork, name: string, fingerprint = "a".repeat(64)): Run {
  const layers = [weights[0]!.inputs, ...weights.map((layer) => layer.outputs)];
  return {
    dir: path.join(folder, name),
    warnings: [],
    record: {
      formatVersion: 1,
      status: "done",
      options: {
        model: "linear",
        optimizer: "sgd",
        learningRate: 0.001,
        batchSize: 40,
        epochs: 1,
        dropLast: false,
        shuffle: "window",
        memory: 1 << 28,
        seed: 42,
        init: "uniform",
        gradients: "explicit",
        ridge: 0,
        logEvery: 1,
        bias: false,
        activation: "relu",
        momentum: 0.9,
        alpha: 0.99,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0,
        schedule: "constant",
        warmup: 0,
        stepSize: 1,
        gamma: 0.1,
        clipNorm: null,
        standardize: false,
        validation: 0,
        patience: null,
        checkpointEvery: "30s",
        keep: 3,
      },
      layers,
      parameters: 0,
      dataset: { path: path.join(folder, "gone"), fingerprint, kind: "lsm", rows: 90, features: 3 },
      backend: "cpu",
      engine: "tensor",
      standardize: null,
      threads: 1,
      versions: { vadi: "0", tfjs: "0", node: "0" },
      command: "vadi train",
      result: null,
    },
    history: () => Promise.resolve([]),
    weights: () => Promise.resolve(weights),
    network: () => Promise.resolve(weights),
    model: () => Promise.reject(new Error("not part of this test")),
  };
}

function example(widths: number[], rows: number, name: string) {
  const next = normals(5);
  const x = numbers(next, rows * widths[0]!);
  const y = numbers(next, rows);
  const run = runOf(network(next, widths, 0.3), name);
  return { x, y, run, dataset: memoryDataset(x, y) };
}

async function refused(
  work: Promise<unknown>,
  kind: VadiError["kind"],
  ...words: string[]
): Promise<void> {
  const error: unknown = await work.then(
    () => assert.unreachable("it was not refused"),
    (reason: unknown) => reason,
  );
  assert.instance(error, VadiError);
  assert.is((error as VadiError).kind, kind, (error as VadiError).message);
  for (const word of words)
    assert.ok((error as VadiError).message.includes(word), `${word}: ${String(error)}`);
}

for (const widths of [
  [3, 1],
  [3, 5, 4, 1],
  [3, 4, 4, 4, 1],
]) {
  test(`losses of ${widths.join("-")} are those of a float64 evaluation of the saved weights`, async () => {
    const { x, y, run, dataset } = example(widths, 90, `run-${widths.join("-")}`);
    const seen: number[][] = [];
    const made = await landscape(run, {
      dataset,
      points: 9,
      scale: 2,
      batches: "all",
      onProgress: ({ done, total, rows, unit }) => {
        assert.is(unit, "batches");
        seen.push([done, total, rows!]);
      },
    });
    assert.is(made.dir, path.join(run.dir, "landscapes", "random-scale-2-seed-42"));
    const found = await openLandscape(made.dir);
    assert.equal(found.record, made.record);
    assert.equal(found.record.batches, [0, 1, 2]);
    assert.equal(found.record.alphas, [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]);
    assert.is(found.record.rows, 90);
    assert.ok(found.record.rowPointsPerSecond > 0);
    // Batches of the run's 40 rows; the last one has 10.
    assert.equal(seen, [
      [1, 3, 40],
      [2, 3, 80],
      [3, 3, 90],
    ]);
    const centre = await found.centre();
    const direction = await found.direction();
    assert.equal(centre, await run.network());
    const curves = await found.curves();
    assert.equal(
      curves.map(({ batch }) => batch),
      [0, 1, 2],
    );
    for (const { batch, losses } of curves) {
      const [from, to] = [batch * 40, Math.min(90, batch * 40 + 40)];
      const expected = found.record.alphas.map((alpha) =>
        lossAt(centre, direction, alpha, x.subarray(from * 3, to * 3), y.subarray(from, to)),
      );
      assert.ok(worstRelative(losses, expected) < 1e-6);
    }
    const summary = await found.summary();
    assert.is(summary.length, 9);
    const middle = curves.map(({ losses }) => losses[4]!).toSorted((a, b) => a - b);
    assert.equal(
      [summary[4]!.alpha, summary[4]!.min, summary[4]!.q50, summary[4]!.max, summary[4]!.batches],
      [0, ...middle, 3],
    );
  });
}

test("the method is recorded", async () => {
  for (const [widths, method] of [
    [[2, 1], "linear-sums"],
    [[2, 3, 1], "relu-segments"],
    [[2, 3, 3, 1], "relu-segments"],
    [[2, 3, 3, 3, 1], "batched-forward"],
  ] as const) {
    const { run, dataset } = example([...widths], 4, `method-${widths.join("-")}`);
    const { record } = await landscape(run, { dataset, points: 2, batches: 1 });
    assert.is(record.method, method);
  }
});

function required(names: string, type: string): string[] {
  return names.split(" ").map((name) => `${name} ${type} REQUIRED`);
}

test("the tables have the columns and types that others rely on", async () => {
  const { run, dataset } = example([3, 1], 90, "tables");
  const { dir } = await landscape(run, { dataset, points: 2, batches: [2, 0] });
  const columnsOf = async (file: string) => {
    const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(path.join(dir, file)));
    return schema
      .slice(1)
      .map(({ name, type, repetition_type }) => `${name} ${type} ${repetition_type}`);
  };
  assert.equal(await columnsOf("slices.parquet"), [
    ...required("slice batch", "INT32"),
    ...required("alpha loss", "DOUBLE"),
  ]);
  assert.equal(await columnsOf("summary.parquet"), [
    ...required("slice", "INT32"),
    ...required("alpha mean variance min max q05 q25 q50 q75 q95", "DOUBLE"),
    ...required("batches", "INT32"),
  ]);
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(path.join(dir, "slices.parquet")),
  });
  assert.equal(
    rows.map(({ slice, batch, alpha }) => [slice, batch, alpha]),
    [
      [0, 0, -1],
      [0, 0, 1],
      [0, 2, -1],
      [0, 2, 1],
    ],
  );
  assert.equal((await readdir(dir)).toSorted(), [
    "centre",
    "directions",
    "landscape.json",
    "means.parquet",
    "slices.parquet",
    "summary.parquet",
  ]);
  assert.equal((await readdir(path.join(dir, "directions", "1"))).toSorted(), [
    "model.json",
    "weights.bin",
  ]);
});

test("the same inputs give the same bytes", async () => {
  const digests = [];
  for (const out of ["once", "twice"]) {
    const { run, dataset } = example([3, 6, 1], 90, "same");
    const { dir } = await landscape(run, { dataset, batches: 2, out: path.join(folder, out) });
    const files = [
      "slices.parquet",
      "summary.parquet",
      "centre/weights.bin",
      "directions/1/weights.bin",
    ];
    const bytes = await Promise.all(files.map((file) => readFile(path.join(dir, file))));
    digests.push(bytes.map((content) => createHash("sha256").update(content).digest("hex")));
  }
  assert.equal(digests[0], digests[1]);
});

test("many losses go through the columnar writer and come back", async () => {
  const { run, dataset, x, y } = example([1, 1], 11, "many");
  const made = await landscape(run, { dataset, points: 20_000, batches: "all", batchSize: 1 });
  const curves = await made.curves();
  assert.is(curves.length, 11);
  const [centre, direction] = [await made.centre(), await made.direction()];
  for (const point of [0, 12_345, 19_999]) {
    const expected = lossAt(
      centre,
      direction,
      made.record.alphas[point]!,
      x.subarray(10),
      y.subarray(10),
    );
    assert.ok(Math.abs(curves[10]!.losses[point]! - expected) <= 1e-9 * expected);
  }
});

test("one row, one feature, one point", async () => {
  const { run, dataset, x, y } = example([1, 1], 1, "one");
  const made = await landscape(run, { dataset, points: 1, batches: 1 });
  assert.equal(made.record.alphas, [-1]);
  const expected = lossAt(await made.centre(), await made.direction(), -1, x, y);
  const [curve] = await made.curves();
  assert.ok(Math.abs(curve!.losses[0]! - expected) <= 1e-12 * expected);
  assert.is((await made.summary())[0]!.variance, 0);
});

test("batches far apart are found without reading what lies between", async () => {
  const { run, dataset, x, y } = example([3, 1], 90, "far");
  const read: number[] = [];
  const watched = Object.create(dataset, {
    batches: {
      value: (options: BatchOptions) => {
        const loader = dataset.batches(options);
        return {
          ...loader,
          skip: (count: number) => {
            read.push(count);
            return loader.skip(count);
          },
        };
      },
    },
  }) as Dataset;
  const made = await landscape(run, {
    dataset: watched,
    points: 3,
    batchSize: 1,
    batches: [80, 2],
  });
  assert.equal(read, [2, 80]);
  const curves = await made.curves();
  for (const [index, row] of [2, 80].entries()) {
    const expected = lossAt(
      await made.centre(),
      await made.direction(),
      1,
      x.subarray(row * 3, row * 3 + 3),
      y.subarray(row, row + 1),
    );
    assert.ok(Math.abs(curves[index]!.losses[2]! - expected) <= 1e-9 * expected);
  }
});

test("the number of threads does not change the bytes", async () => {
  const { run, dataset } = example([3, 4, 1], 2100, "threads");
  const [one, two] = await Promise.all(
    [1, 2].map(async (workers) => {
      const out = path.join(folder, `threads-${workers}`);
      // 21 million row-points: enough for threads to take part.
      const made = await landscape(run, {
        dataset,
        points: 10_000,
        batchSize: 700,
        batches: "all",
        workers,
        out,
      });
      return readFile(path.join(made.dir, "slices.parquet"));
    }),
  );
  assert.ok(one!.equals(two!));
});

test("between random points the run's weights do not matter", async () => {
  const { run, dataset } = example([3, 1], 90, "points");
  const options: LandscapeOptions = {
    dataset,
    along: "random-points",
    scale: 0.1,
    points: 4,
    endpoint: false,
  };
  const made = await landscape(run, { ...options, batches: 1 });
  assert.equal(made.record.alphas, [0, 0.25, 0.5, 0.75]);
  assert.ok(
    made.record.command.includes("--along random-points --points 4 --scale 0.1 --endpoint false"),
  );
  const other = runOf(network(normals(77), [3, 1], 1), "points-other");
  const same = await landscape(other, { ...options, batches: 1 });
  assert.equal(await same.curves(), await made.curves());
});

for (const [widths, least] of [
  // Too large for float32, not for float64, in which such a batch is computed.
  [[3, 1], 1e130],
  [[3, 4, 4, 1], 1e200],
  // Too large for float64: 3·10³⁸ times a weight of 10³⁰ in each of four layers, squared.
  [[3, 4, 4, 4, 1], Infinity],
] as const) {
  test(`a batch of ${widths.join("-")} that overflows is shown beside those that do not`, async () => {
    const { x, y, run } = example([...widths], 30, `one-overflows-${widths.length}`);
    x.fill(3e38, 30, 60);
    const dataset = memoryDataset(x, y);
    const given = { dataset, batchSize: 10, batches: "all", points: 2, scale: 1e30 } as const;
    const made = await landscape(run, given);
    const curves = await made.curves();
    for (const point of [0, 1]) {
      const losses = curves.map((curve) => curve.losses[point]!);
      assert.ok(losses[1]! >= least, String(losses[1]));
      assert.ok(Number.isFinite(losses[0]) && Number.isFinite(losses[2]));
      const { batches, mean, max, min, q50 } = (await made.summary())[point]!;
      assert.equal([batches, max], [3, losses[1]!]);
      assert.ok(mean >= least / 3);
      assert.equal(
        [min, q50],
        [losses[0]!, losses[2]!].toSorted((one, other) => one - other),
      );
    }
  });
}

test("options that cannot be are refused", async () => {
  const { run, dataset } = example([3, 1], 90, "refused");
  const given = (options: LandscapeOptions) => landscape(run, { dataset, ...options });
  await refused(given({ batches: 4 }), "usage", "there are 3");
  await refused(given({ batches: [0, 3] }), "usage", "names 3", "there are 3");
  await refused(given({ batches: [1, 1] }), "usage", "twice");
  await refused(given({ points: 0 }), "usage", "points");
  await refused(given({ points: 1.5 }), "usage", "points");
  await refused(given({ scale: 0 }), "usage", "scale");
  await refused(given({ scale: NaN }), "usage", "scale");
  await refused(given({ scale: Infinity }), "usage", "scale");
  await refused(given({ seed: -1 }), "usage", "seed");
  await refused(given({ workers: 0 }), "usage", "workers");
  await refused(given({ batchSize: 0 }), "usage", "batchSize");
  await refused(given({ along: "sideways" as never }), "usage", "along");
  await refused(given({ along: "model:" }), "usage", "along");
  await refused(given({ points: [3, 3] }), "usage", "plane");
  await refused(given({ points: [3, 0], plane: true }), "usage", "points");
  await refused(given({ points: [2000, 2000], plane: true }), "usage", "4000000 points");
  await refused(given({ along: "random-points", plane: true }), "usage", "plane");
  await refused(given({ along: "path", normalize: "filter" }), "usage", "normalize");
  await refused(given({ normalize: "unit" as never }), "usage", "normalize");
  await refused(given({ resume: true, force: true }), "usage", "resume continues", "force removes");
  await assertMissing(run.dir);
});

test("a dataset that does not fit is refused", async () => {
  const { run, dataset } = example([3, 1], 90, "fit");
  await refused(landscape(run, {}), "failed", "gone", "--dataset");
  await refused(
    landscape(runOf(network(normals(1), [4, 1], 1), "fit-4"), { dataset }),
    "failed",
    "4 features",
    "--dataset",
  );
  await refused(
    landscape(
      runOf([{ ...(await run.network())[0]!, weights: Float32Array.of(1, NaN, 2) }], "nan"),
      { dataset },
    ),
    "failed",
    "diverged",
  );
  const holed = memoryDataset(new Float32Array(270).fill(NaN, 5, 6), new Float32Array(90));
  await refused(landscape(run, { dataset: holed }), "failed", "not a number");
  assert.equal(
    await readdir(folder).then((names) => names.filter((name) => /^(fit|nan)/.test(name))),
    [],
  );
});

test("only a landscape is replaced, and only when asked", async () => {
  const { run, dataset } = example([3, 1], 90, "replace");
  const out = path.join(folder, "replaced", "here");
  const given = { dataset, points: 3, batches: 1, out };
  await landscape(run, given);
  await refused(landscape(run, given), "usage", out, "use force");
  const again = await landscape(run, { ...given, points: 5, force: true });
  assert.is(again.record.alphas.length, 5);
  assert.equal(await readdir(path.dirname(out)), ["here"]);

  const precious = path.join(folder, "precious");
  await mkdir(precious);
  await writeFile(path.join(precious, "thesis.txt"), "words");
  await refused(landscape(run, { ...given, out: precious, force: true }), "usage", precious);
  assert.equal(await readdir(precious), ["thesis.txt"]);
  const empty = path.join(folder, "empty");
  await mkdir(empty);
  assert.is((await landscape(run, { ...given, out: empty })).dir, empty);
  // Not a private folder: others may read what was computed.
  assert.is((await stat(empty)).mode & 0o777, (await stat(precious)).mode & 0o777);
});

test("what is interrupted before a batch is done leaves nothing, and what was there stays", async () => {
  const { run, dataset } = example([3, 4, 1], 90, "interrupted");
  const aborted = new AbortController();
  aborted.abort();
  const all = { dataset, batches: "all", signal: aborted.signal } as const;
  await refused(landscape(run, all), "interrupted");
  await assertMissing(run.dir);
  const made = await landscape(run, { dataset, batches: "all" });
  const controller = new AbortController();
  const given = {
    dataset,
    batches: "all",
    signal: controller.signal,
    onProgress: () => controller.abort(),
  } as const;
  await refused(landscape(run, { ...given, force: true }), "interrupted", "1 of 3", "--resume");
  assert.equal((await openLandscape(made.dir)).record, made.record);
  await refused(landscape(run, { dataset }), "usage", "not finished; use resume", "force");
  await refused(
    landscape(run, { dataset, batches: "all", seed: 3, out: made.dir, resume: true }),
    "failed",
    "another --seed",
  );
  const resumed = await landscape(run, { dataset, batches: "all", resume: true });
  assert.equal(await resumed.curves(), await made.curves());
  assert.equal(await resumed.summary(), await made.summary());
  assert.equal(await readdir(made.dir), await readdir(resumed.dir));
  assert.not.ok((await readdir(made.dir)).includes(".partial"));
  // A finished one is found again; one of other settings is not taken for it.
  const again = await landscape(run, { dataset, batches: "all", resume: true });
  assert.equal(again.record, resumed.record);
  await refused(
    landscape(run, { dataset, batches: [1], out: made.dir, resume: true }),
    "usage",
    "another --batches",
  );
});

test("planes: each point is the loss of the saved weights there, and the surface their mean", async () => {
  for (const widths of [
    [3, 1],
    [3, 5, 4, 1],
    [3, 5, 1],
    [3, 4, 4, 4, 1],
  ]) {
    const { run, dataset, x, y } = example(widths, 90, `plane-${widths.join("-")}`);
    const made = await landscape(run, { dataset, plane: true, points: [7, 5], batches: "all" });
    assert.match(made.dir, /plane-random-scale-1-seed-42$/);
    const { record } = made;
    assert.equal([record.kind, record.alphas.length, record.betas!.length], ["plane", 7, 5]);
    const centre = await made.centre();
    const [first, second] = await made.directions();
    const curves = await made.curves();
    assert.is(curves.length, 15);
    const surface = await made.surface();
    const means = new Float64Array(35);
    for (const { batch, slice, losses } of curves) {
      const [from, to] = [batch * 40, Math.min(90, batch * 40 + 40)];
      const moved = centre.map((layer, index) => ({
        ...layer,
        // In float64: the weights of this line's middle.
        weights: Float64Array.from(
          layer.weights,
          (value, at) => value + record.betas![slice]! * second![index]!.weights[at]!,
        ) as unknown as Float32Array,
      }));
      const expected = record.alphas.map((alpha) =>
        lossAt(moved, first!, alpha, x.subarray(from * 3, to * 3), y.subarray(from, to)),
      );
      const worst = worstRelative(losses, expected);
      assert.ok(worst < 1e-6, `${widths.join("-")}: ${worst}`);
      for (const [point, loss] of losses.entries()) means[slice * 7 + point]! += loss / 3;
    }
    assert.ok(worstRelative(surface.loss, means) < 1e-12);
    const summary = await made.summary();
    assert.equal([summary[9]!.slice, summary[9]!.alpha], [1, record.alphas[2]]);
    assert.is(surface.variance[9], summary[9]!.variance);
  }
});

for (const widths of [
  [3, 4, 1],
  [3, 1],
]) {
  for (const plane of [false, true]) {
    const name = `${widths.join("-")}-${plane ? "plane" : "line"}`;
    test(`parts of different batches of ${name} merge to the bytes of the whole, in any order`, async () => {
      const { run, dataset } = example(widths, 390, `merge-${name}`);
      const given = { dataset, plane, points: plane ? ([5, 3] as const) : 15 };
      const whole = await landscape(run, { ...given, batches: "all" });
      const parts: string[] = [];
      for (const [index, batches] of [
        [0, 1, 9],
        [2, 5, 6, 7],
        [3, 4, 8],
      ].entries()) {
        const out = path.join(folder, `${name}-part-${index}`);
        parts.push((await landscape(run, { ...given, batches, out })).dir);
      }
      for (const order of [
        [0, 1, 2],
        [2, 0, 1],
        [1, 2, 0],
      ]) {
        const out = path.join(folder, `${name}-merged-${order.join("")}`);
        const merged = await mergeLandscapes(
          order.map((part) => parts[part]!),
          { out },
        );
        assert.equal(merged.record.batches, whole.record.batches);
        assert.is(merged.record.rows, 390);
        for (const file of [
          "slices.parquet",
          "summary.parquet",
          ...(plane ? ["surface.parquet"] : []),
        ]) {
          const [one, other] = await Promise.all(
            [merged.dir, whole.dir].map((dir) => readFile(path.join(dir, file))),
          );
          assert.ok(one!.equals(other!), file);
        }
      }
    });
  }
}

test("parts of a linear model merge to the bytes of the whole, with or without their curves", async () => {
  const { run, dataset } = example([3, 1], 1000, "merge-means");
  // So many batches and points that few batches are looked at for each.
  const given = { dataset, batchSize: 10, points: 2000, scale: 0.1 };
  const whole = await landscape(run, { ...given, batches: "all", keep: "summary" });
  const even = Array.from({ length: 50 }, (_, index) => 2 * index);
  const odd = even.map((batch) => batch + 1);
  const parts: string[] = [];
  for (const batches of [odd, even]) {
    const out = path.join(folder, `merge-means-${batches[0]}`);
    parts.push((await landscape(run, { ...given, batches, out, keep: "summary" })).dir);
  }
  const merged = await mergeLandscapes(parts, {
    out: path.join(folder, "merged-means"),
    keep: "all",
  });
  for (const file of ["means.parquet", "summary.parquet"]) {
    const [one, other] = await Promise.all(
      [merged.dir, whole.dir].map((dir) => readFile(path.join(dir, file))),
    );
    assert.ok(one!.equals(other!), file);
  }
  assert.is((await merged.curves()).length, 100);
  // Without their means the parts still have what a merge needs, if they have their curves.
  await Promise.all(parts.map((dir) => rm(path.join(dir, "means.parquet"))));
  const out = path.join(folder, "merged-curves");
  await refused(mergeLandscapes(parts, { out }), "usage", "--keep all");
  const curves = path.join(folder, "with-curves");
  const kept = await landscape(run, { ...given, batches: "all", out: curves, keep: "all" });
  await rm(path.join(kept.dir, "means.parquet"));
  const again = await mergeLandscapes([kept], { out });
  // Curves were computed from the same means.
  const [expected, found] = [await whole.summary(), await again.summary()];
  assert.equal(
    found.map(({ q05 }) => q05),
    expected.map(({ q05 }) => q05),
  );
  const [ours, theirs] = [found, expected].map((rows) => rows.map(({ mean }) => mean));
  assert.equal(ours, theirs);
});

test("means that are not those of the landscape's batches are not merged", async () => {
  const { run, dataset } = example([3, 1], 390, "other-means");
  const [one, other] = [
    await landscape(run, { dataset, batches: [0, 1], out: path.join(folder, "means-one") }),
    await landscape(run, { dataset, batches: [2, 3], out: path.join(folder, "means-other") }),
  ];
  await copyFile(path.join(other.dir, "means.parquet"), path.join(one.dir, "means.parquet"));
  const out = path.join(folder, "other-means-merged");
  await refused(mergeLandscapes([one, other], { out }), "failed", "means.parquet", "batches");
  await assertMissing(out);
});

test("what is no part of one landscape is not merged", async () => {
  const { run, dataset } = example([3, 4, 1], 390, "unmerged");
  const given = { dataset, plane: true, points: [5, 3] as const };
  const part = (await landscape(run, { ...given, batches: [0, 1] })).dir;
  const out = path.join(folder, "not-merged");
  await refused(mergeLandscapes([], { out }), "usage", "Name the landscapes");
  await refused(mergeLandscapes([part, part], { out }), "usage", "Batch 0 is both");
  const other = await landscape(run, {
    ...given,
    seed: 7,
    batches: [3],
    out: path.join(folder, "s7"),
  });
  await refused(mergeLandscapes([part, other], { out }), "usage", "differ in seed");
  const summary = await landscape(run, {
    ...given,
    batches: [3],
    keep: "summary",
    out: path.join(folder, "no-curves"),
  });
  await refused(mergeLandscapes([part, summary], { out }), "usage", "--keep all");
  await assertMissing(out);
});

test("only a summary is kept where nothing else is asked for", async () => {
  const { run, dataset } = example([3, 1], 90, "kept");
  const [all, summary] = await Promise.all(
    (["all", "summary"] as const).map((keep) =>
      landscape(run, { dataset, points: 5, batches: "all", keep, out: path.join(folder, keep) }),
    ),
  );
  assert.equal(await summary!.summary(), await all!.summary());
  assert.not.ok((await readdir(summary!.dir)).includes("slices.parquet"));
  await refused(summary!.curves(), "failed", "keep all");
  await refused(all!.surface(), "failed", "with plane");
});

test("a folder is held while it is written: a second landscape is told who is at it", async () => {
  const { run, dataset } = example([3, 1], 90, "held");
  const out = path.join(folder, "held-out");
  let second: Promise<unknown> | undefined;
  await landscape(run, {
    dataset,
    out,
    batches: "all",
    onProgress: () => {
      second ??= refused(
        landscape(run, { dataset, out }),
        "failed",
        `written by process ${process.pid}`,
      );
    },
  });
  await second;
  assert.equal((await readdir(out)).includes(".lock"), false);
});

async function assertMissing(dir: string): Promise<void> {
  const error: unknown = await stat(dir).catch((reason: unknown) => reason);
  assert.instance(error, Error, `${dir} is there`);
}

test("a landscape that is damaged or points elsewhere is refused", async () => {
  const { run, dataset } = example([3, 1], 90, "damaged");
  const { dir, record } = await landscape(run, { dataset, points: 3, batches: 2 });
  const rewrite = (changes: object) =>
    writeFile(path.join(dir, "landscape.json"), JSON.stringify({ ...record, ...changes }));
  await rewrite({ batches: [0, 1, 2] });
  await refused((await openLandscape(dir)).curves(), "failed", "slices.parquet");
  await rewrite({ directions: ["../../elsewhere"] });
  await refused(openLandscape(dir), "failed", "directions");
  await rewrite({});
  await writeFile(path.join(dir, "slices.parquet"), "not parquet");
  await refused((await openLandscape(dir)).curves(), "failed", "slices.parquet");
  await refused(openLandscape(path.join(folder, "nowhere")), "failed", "landscape.json");
});

test.run();
