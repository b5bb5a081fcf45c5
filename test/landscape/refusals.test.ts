import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { landscape, openLandscape } from "../../src/landscape/index.js";
import type { LandscapeOptions } from "../../src/landscape/index.js";
import { memoryDataset } from "../helpers/memory-dataset.js";
import { assertMissing, example, folder, refused, runOf } from "./example.js";
import { network, normals } from "./numbers.js";
import { withoutChecksums } from "../helpers/without-checksums.js";

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
  await refused(landscape(run, {}), "failed", "gone", "dataset");
  await refused(
    landscape(runOf(network(normals(1), [4, 1], 1), "fit-4"), { dataset }),
    "failed",
    "4 features",
    "dataset",
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
  await refused(landscape(run, { ...given, force: true }), "interrupted", "1 of 3", "resume");
  assert.equal((await openLandscape(made.dir)).record, made.record);
  await refused(landscape(run, { dataset }), "usage", "not finished; use resume", "force");
  await refused(
    landscape(run, { dataset, batches: "all", seed: 3, out: made.dir, resume: true }),
    "failed",
    "another seed",
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
    "another batches",
  );
});

test("a folder is locked while it is written: a second landscape fails and names the process", async () => {
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

test("a landscape that is damaged or points elsewhere is refused", async () => {
  const { run, dataset } = example([3, 1], 90, "damaged");
  const { dir, record } = await landscape(run, { dataset, points: 3, batches: 2 });
  const curves = path.join(dir, "slices.parquet");
  await writeFile(curves, (await readFile(curves)).fill(0, 100, 101));
  await refused(openLandscape(dir), "failed", "slices.parquet", "SHA256SUMS");
  // Without their checksums, as of earlier versions, files that cannot belong together are found.
  await withoutChecksums(dir);
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
