import { cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, skip, test } from "../../helpers/test.js";
import {
  joinDatasets,
  verifyDataset,
  writeDataset,
  writePart,
} from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects, namesIn, sumsOf } from "../folders.js";
import { common, FORMATS, KINDS, makeParts, PARTS } from "./make-parts.js";

for (const kind of KINDS) {
  test(
    `${kind}: parts joined are the bytes of the whole, in both formats`,
    inFolder(async (folder) => {
      for (const format of FORMATS) {
        const whole = path.join(folder, `${format}-whole`);
        const { manifest } = await writeDataset({ ...common, kind, format, out: whole });
        const maxima = manifest.kind === "lsm" ? undefined : manifest.constants.maxima;
        const parts = path.join(folder, `${format}-parts`);
        await mkdir(parts);
        const folders = await makeParts(parts, {
          ...common,
          kind,
          format,
          ...(maxima && { maxima }),
        });
        assert.equal(await namesIn(folders[0]!), [
          ".progress.jsonl",
          `shard-00001.${format}`,
          `shard-00003.${format}`,
        ]);
        const out = path.join(folder, `${format}-joined`);
        const joined = await joinDatasets(folders, out);
        assert.equal(joined.manifest, manifest);
        assert.equal(await namesIn(out), await namesIn(whole));
        for (const name of await namesIn(whole)) {
          const [a, b] = await Promise.all([whole, out].map((at) => readFile(path.join(at, name))));
          assert.ok(a?.equals(b!), name);
        }
        // The parts stay as they were; on one disk their shards are not copied.
        assert.is((await namesIn(folders[2]!)).length, 3);
        const name = `shard-00000.${format}`;
        const inode = async (at: string): Promise<number> => (await stat(path.join(at, name))).ino;
        assert.is(await inode(out), await inode(folders[1]!));
      }
    }),
  );
}

test(
  "parts that do not make a whole are named",
  inFolder(async (folder) => {
    const spec = { ...common, kind: "lsm" } as const;
    const [a = "", b = "", c = ""] = await makeParts(folder, spec);
    const out = path.join(folder, "joined");
    const join = (...folders: string[]): Promise<unknown> => joinDatasets(folders, out);
    await assertRejects(join(), "usage", /at least one part/);
    await assertRejects(join(a, b), "failed", /No part has the shards 2,4: .*shards 2,4\.$/);
    await assertRejects(join(a, c), "failed", /No part has shard 0 \(shard-00000\.arrow\)/);
    await assertRejects(join(a, b, c, b), "failed", /Shard 0 \(.*\) is in two parts, .*part-1/);
    await assertRejects(join(a, b, path.join(folder, "none")), "failed", /none is not a part/);
    for (const [option, change] of [
      ["seed is 7 in", { seed: 8 }],
      ["rows is 4450 in", { rows: 4451 }],
      ["noise is 0.1 in", { noise: 0.2 }],
      ['format is "arrow" in', { format: "parquet" }],
      ["shardRows is 1000 in", { shardRows: 1001 }],
    ] as const) {
      const other = path.join(folder, "other");
      await writePart({ ...spec, ...change, out: other, shards: "0", force: true });
      await assertRejects(
        join(a, other, c),
        "failed",
        new RegExp(`${option} .*part-0, but .*other`),
      );
    }
    const journal = path.join(b, ".progress.jsonl");
    const text = await readFile(journal, "utf8");
    await writeFile(journal, text.replace(/"version":"[^"]*"/, '"version":"0.0.1"'));
    await assertRejects(join(a, b, c), "failed", /version of vadi is .*0\.0\.1/);
    await writeFile(journal, text.split("\n")[0]!);
    await assertRejects(join(a, b, c), "failed", /part-1 is not finished, it lacks shard 0/);
    await writeFile(journal, "{}");
    await assertRejects(join(a, b, c), "failed", /is not a part.*\.progress\.jsonl/);
    await writeFile(journal, text.replace('"rows":4450', '"rows":1e300'));
    await assertRejects(join(a, b, c), "failed", /is not a part.* rows/);
    await writeFile(journal, text);
    await mkdir(out);
    await writeFile(path.join(out, "thesis.tex"), "years of work");
    await assertRejects(join(a, b, c), "failed", /is not empty: it holds 'thesis\.tex'/);
    await assertRejects(joinDatasets([a, b, c], a), "failed", /is not empty/);
    assert.equal(await namesIn(out), ["thesis.tex"]);
  }),
);

test(
  "a damaged or missing shard is named, and the join goes on once it is made again",
  inFolder(async (folder) => {
    const spec = { ...common, kind: "lsm" } as const;
    const folders = await makeParts(folder, spec);
    const whole = path.join(folder, "whole");
    await writeDataset({ ...spec, out: whole });
    const out = path.join(folder, "joined");
    const file = path.join(folders[2]!, "shard-00002.arrow");
    const bytes = await readFile(file);
    bytes[1000]! ^= 1;
    await writeFile(file, bytes);
    // By its size alone it is as its journal says; verification finds it.
    const trusted = path.join(folder, "trusted");
    await joinDatasets(folders, trusted, { check: "size" });
    const { shards } = await verifyDataset(trusted);
    assert.equal(
      shards.filter(({ status }) => status !== "ok").map(({ file: name }) => name),
      ["shard-00002.arrow"],
    );
    await assertRejects(
      joinDatasets(folders, out),
      "failed",
      /part-2.shard-00002\.arrow has another SHA/,
    );
    assert.not.ok((await namesIn(out)).includes("manifest.json"));
    assert.not.ok((await namesIn(out)).includes("shard-00002.arrow"));
    await rm(file);
    await assertRejects(joinDatasets(folders, out), "failed", /shard-00002\.arrow is missing/);
    await writePart({ ...spec, out: folders[2]!, shards: PARTS[2]!, resume: true });
    const stop = new AbortController();
    stop.abort();
    await assertRejects(joinDatasets(folders, out, { signal: stop.signal }), "interrupted", /./);
    await joinDatasets(folders, out);
    assert.is(await sumsOf(out), await sumsOf(whole));
    assert.ok((await verifyDataset(out)).ok);
    await assertRejects(joinDatasets(folders, out), "failed", /holds 'manifest\.json'/);
  }),
);

test(
  "across disks the shards are copied",
  inFolder(async (folder) => {
    const spec = { ...common, kind: "lsm" } as const;
    const folders = await makeParts(folder, spec);
    const other = await stat("/dev/shm").catch(() => undefined);
    if (other === undefined || other.dev === (await stat(folder)).dev) {
      skip("there is no second disk here");
    }
    const moved = path.join("/dev/shm", path.basename(folder));
    await cp(folders[2]!, moved, { recursive: true });
    try {
      await rename(folders[2]!, path.join(folder, "gone"));
      const out = path.join(folder, "joined");
      await joinDatasets([folders[0]!, folders[1]!, moved], out);
      assert.ok((await verifyDataset(out)).ok);
      assert.is((await namesIn(moved)).length, 3);
      const name = "shard-00004.arrow";
      const before = await readFile(path.join(moved, name));
      assert.ok((await readFile(path.join(out, name))).equals(before));
    } finally {
      await rm(moved, { recursive: true });
    }
  }),
);

test.run();
