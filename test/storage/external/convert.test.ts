import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { convert, openTable, verifyDataset, writeDataset } from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";
import { runSql } from "../duck.js";
import { assertRejects, namesIn, readRows, sumsOf } from "../folders.js";

for (const kind of ["lsm", "two-layer-sigmoid"] as const) {
  test(
    `${kind}: converted, a dataset has the very bytes that generating it in that format makes`,
    inFolder(async (folder) => {
      const spec = { kind, rows: 7000, shardRows: 2000, features: 3, seed: 10 };
      const place = (name: string): string => path.join(folder, name);
      await writeDataset({ ...spec, out: place("arrow") });
      await writeDataset({ ...spec, out: place("parquet"), format: "parquet" });
      await writeDataset({
        ...spec,
        out: place("zstd"),
        format: "parquet",
        compression: "zstd",
      });
      await convert(place("arrow"), { out: place("to-parquet"), format: "parquet", workers: 1 });
      await convert(place("to-parquet"), { out: place("back") });
      await convert(place("zstd"), { out: place("from-zstd"), workers: 2 });
      assert.is(await sumsOf(place("to-parquet")), await sumsOf(place("parquet")));
      assert.is(await sumsOf(place("back")), await sumsOf(place("arrow")));
      assert.is(await sumsOf(place("from-zstd")), await sumsOf(place("arrow")));
      assert.equal(await namesIn(place("back")), await namesIn(place("arrow")));
    }),
  );
}

test(
  "a table becomes a dataset that tells where its columns come from, and converts on",
  inFolder(async (folder) => {
    const place = (name: string): string => path.join(folder, name);
    const rows = `select case when i % 100 = 5 then null else i end as a, 'n' as name, i / 3.0 as b,
      i::float as price from range(2500) t(i)`;
    await runSql(
      `copy (${rows}) to '${place("t.parquet")}' (row_group_size 2048)`,
      `copy (${rows}) to '${place("t.csv")}' (header)`,
    );
    const options = { target: "price", invalid: "drop", shardRows: 1000 } as const;
    const first = await convert(place("t.parquet"), { ...options, out: place("one"), workers: 1 });
    assert.is(first.dropped, 25);
    assert.is(first.manifest.rows, 2475);
    assert.equal(first.manifest.kind === "table" && first.manifest.columns, {
      features: ["a", "b"],
      target: "price",
    });
    const kept = Array.from({ length: 2500 }, (_, row) => row).filter((row) => row % 100 !== 5);
    const { x, y } = await readRows(place("one"));
    assert.equal([...y], kept);
    assert.equal(
      [...x],
      kept.flatMap((row) => [row, Math.fround(row / 3)]),
    );
    assert.ok((await verifyDataset(place("one"))).ok);
    await convert(place("t.csv"), { ...options, out: place("csv"), workers: 2 });
    assert.equal(await readRows(place("csv")), { x, y });
    // Names and source stay with the dataset through another conversion.
    const onward = { out: place("two"), format: "parquet", compression: "snappy" } as const;
    const { manifest } = await convert(place("one"), onward);
    assert.equal(await readRows(place("two")), { x, y });
    assert.ok(manifest.kind === "table" && first.manifest.kind === "table");
    assert.equal(manifest.source, first.manifest.source);
    const picked = { out: place("three"), target: "a", features: ["price"] };
    assert.is((await convert(place("two"), picked)).manifest.features, 1);
    const three = await readRows(place("three"));
    assert.equal(three.x, y);
    assert.equal((await openTable(place("three"))).columns, { features: ["price"], target: "a" });
    const [shard] = await runSql(
      `select decode(value) as v from parquet_kv_metadata('${place("two")}/shard-00000.parquet') where decode(key) = 'vadi.columns'`,
    );
    assert.equal(JSON.parse(String(shard?.["v"])), first.manifest.columns);
    const repaired = await verifyDataset(place("one"), { repair: true });
    assert.ok(repaired.ok);
    await writeFile(path.join(place("one"), "shard-00001.arrow"), "damaged");
    const damaged = await verifyDataset(place("one"), { repair: true });
    assert.match(damaged.shards[1]?.reason ?? "", /converted from a table; run 'vadi convert'/);
    await assertRejects(
      convert(place("one"), { out: place("four") }),
      "failed",
      /shard-00001.arrow has 7 bytes, but the manifest says/,
    );
  }),
);

test(
  "a damaged source shard is named, and nothing that looks whole is left",
  inFolder(async (folder) => {
    const source = path.join(folder, "source");
    const out = path.join(folder, "out");
    await writeDataset({ kind: "lsm", out: source, rows: 3000, shardRows: 1000 });
    const file = path.join(source, "shard-00002.arrow");
    const bytes = await readFile(file);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(file, bytes);
    await assertRejects(convert(source, { out }), "failed", /shard-00002.arrow is damaged/);
    assert.not.ok((await namesIn(out)).includes("manifest.json"));
  }),
);

test(
  "an interrupted conversion is resumed to the same bytes, for the same source alone",
  inFolder(async (folder) => {
    const source = path.join(folder, "t.parquet");
    const sql = (rows: number): string =>
      `copy (select i * 0.1 as a, i as y from range(${rows}) t(i)) to '${source}'`;
    await runSql(sql(9000));
    const whole = path.join(folder, "whole");
    const out = path.join(folder, "out");
    const options = { shardRows: 1000, workers: 1 };
    await convert(source, { ...options, out: whole });
    const abort = new AbortController();
    const stopped = convert(source, {
      ...options,
      out,
      signal: abort.signal,
      onProgress: ({ phase, done }) => {
        if (phase === "converting" && done >= 3000) abort.abort();
      },
    });
    await assertRejects(stopped, "interrupted", /continue with the same options and resume/);
    const left = await namesIn(out);
    assert.ok(left.includes(".progress.jsonl") && left.includes("shard-00002.arrow"));
    assert.not.ok(left.includes("manifest.json"));
    await writeFile(path.join(out, "shard-00001.arrow"), "cut short");
    await assertRejects(convert(source, { ...options, out }), "failed", /not finished; use resume/);
    const other = convert(source, { ...options, out, resume: true, format: "parquet" });
    await assertRejects(other, "failed", /of another source or specification/);
    await convert(source, { ...options, out, resume: true });
    assert.is(await sumsOf(out), await sumsOf(whole));
    await assertRejects(convert(source, { ...options, out }), "failed", /holds a dataset already/);
    await runSql(sql(4000));
    await convert(source, { ...options, out, force: true });
    assert.is((await openTable(out)).rows, 4000);
    assert.equal(await namesIn(folder), ["out", "t.parquet", "whole"]);
  }),
);

test(
  "options that cannot be, and folders that hold something else",
  inFolder(async (folder) => {
    const source = path.join(folder, "t.csv");
    await writeFile(source, "a,y\n1,2\n5,6\nx,3\n");
    const out = path.join(folder, "out");
    for (const [options, pattern] of [
      [{ compression: "zstd" }, /^compression is for format parquet/],
      [{ shardRows: 0 }, /^shardRows must be/],
      [{ workers: 0.5 }, /^workers must be/],
    ] as const) {
      await assertRejects(convert(source, { out, ...options }), "usage", pattern);
    }
    await assertRejects(
      convert(source, { out }),
      "failed",
      /Column a of \S+t\.csv is missing or not a number in row 3 /,
    );
    await mkdir(path.join(folder, "mine"));
    await writeFile(path.join(folder, "mine", "letter.txt"), "");
    const taken = convert(source, { out: path.join(folder, "mine"), force: true });
    await assertRejects(taken, "failed", /holds 'letter.txt', and is not a dataset/);
    await writeFile(source, "a,b,y\n1,,2\n,5,3\n");
    const none = convert(source, { out, invalid: "drop", features: ["a", "b"], force: true });
    await assertRejects(none, "failed", /All 2 rows of .* have invalid values/);
  }),
);

test.run();
