import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { assert, test } from "../helpers/test.js";
import { landscape, openLandscape } from "../../src/landscape/index.js";
import type { LandscapeOptions } from "../../src/landscape/index.js";
import type { BatchOptions, Dataset } from "../../src/stream/index.js";
import { memoryDataset } from "../helpers/memory-dataset.js";
import { example, folder, refused, runOf } from "./example.js";
import { lossAt, network, normals, worstRelative } from "./numbers.js";

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
    "SHA256SUMS",
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

test.run();
