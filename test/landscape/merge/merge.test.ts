import { copyFile, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { landscape, mergeLandscapes } from "../../../src/landscape/index.js";
import { assertMissing, example, folder, refused } from "../example.js";
import { withoutChecksums } from "../../helpers/without-checksums.js";

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
  await Promise.all(parts.map(withoutChecksums));
  await Promise.all(parts.map((dir) => rm(path.join(dir, "means.parquet"))));
  const out = path.join(folder, "merged-curves");
  await refused(mergeLandscapes(parts, { out }), "usage", "keep all");
  const curves = path.join(folder, "with-curves");
  const kept = await landscape(run, { ...given, batches: "all", out: curves, keep: "all" });
  await rm(path.join(await withoutChecksums(kept.dir), "means.parquet"));
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
  const exchanged = path.join(await withoutChecksums(one.dir), "means.parquet");
  await copyFile(path.join(other.dir, "means.parquet"), exchanged);
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
  await refused(mergeLandscapes([part, summary], { out }), "usage", "keep all");
  await assertMissing(out);
});

test.run();
