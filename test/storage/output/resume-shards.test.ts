import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { assert, test } from "../../helpers/test.js";
import { verifyDataset, writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { randomFractions } from "../../helpers/seed.js";
import { assertRejects, namesIn, sumsOf } from "../folders.js";
import { abortAfter, assertNothingTemporary, startChild, untilPrinted } from "../jobs.js";

for (const [kind, phase] of [
  ["lsm", "generating"],
  ["two-layer-sigmoid", "first maximum"],
  ["two-layer-sigmoid", "generating"],
] as const) {
  test(
    `${kind}, aborted while ${phase}: nothing temporary stays, and resuming gives the same bytes`,
    inFolder(async (folder) => {
      const spec = { kind, rows: 6000, features: 3, shardRows: 500, workers: 2 };
      const whole = path.join(folder, "whole");
      await writeDataset({ ...spec, out: whole });
      const out = path.join(folder, "data");
      await abortAfter({ ...spec, out }, phase, 4);
      await assertNothingTemporary(out);
      await assertRejects(openDataset(out), "failed", /not finished.*resume/);
      await assertRejects(writeDataset({ ...spec, out }), "failed", /not finished; use resume/);

      const kept = (await namesIn(out)).filter((name) => name.startsWith("shard-"));
      const times = kept.map((name) => readFileSync(path.join(out, name)));
      // Another number of workers, and a second interruption.
      await abortAfter({ ...spec, out, resume: true, workers: 1 }, "generating", 6);
      assert.equal(
        kept.map((name) => readFileSync(path.join(out, name))),
        times,
      );
      await writeDataset({ ...spec, out, resume: true, workers: 2 });
      assert.is(await sumsOf(out), await sumsOf(whole));
      assert.ok((await verifyDataset(out)).ok);
      assert.equal(await namesIn(out), await namesIn(whole));
      await assertRejects(writeDataset({ ...spec, out, resume: true }), "failed", /finished/);
    }),
  );
}

test(
  "an abort before the start makes nothing",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    const signal = AbortSignal.abort();
    await assertRejects(writeDataset({ kind: "lsm", out }, { signal }), "interrupted", /./);
    assert.ok(!existsSync(out));
  }),
);

test(
  "resuming with other options is refused, whichever it is, and leaves the folder as it was",
  inFolder(async (folder) => {
    const spec = { kind: "lsm", rows: 4000, features: 3, shardRows: 500 } as const;
    const out = path.join(folder, "data");
    await abortAfter({ ...spec, out }, "generating", 2);
    const before = await namesIn(out);
    for (const change of [
      { kind: "two-layer-sigmoid" as const },
      { rows: 4001 },
      { features: 4 },
      { shardRows: 501 },
      { noise: 0.2 },
      { seed: 43 },
      { format: "parquet" as const },
    ]) {
      await assertRejects(
        writeDataset({ ...spec, ...change, out, resume: true }),
        "failed",
        /another source or specification/,
      );
    }
    assert.equal(await namesIn(out), before);
    await writeDataset({ ...spec, out, resume: true });
    assert.ok((await verifyDataset(out)).ok);
  }),
);

test(
  "a resumed generation that is interrupted at once forgets nothing",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    const spec = { kind: "two-layer-sigmoid", out, rows: 4000, features: 3 } as const;
    const small = { ...spec, shardRows: 500, workers: 1 };
    await abortAfter(small, "generating", 5);
    const journal = path.join(out, ".progress.jsonl");
    const lines = async (): Promise<string[]> => (await readFile(journal, "utf8")).split("\n");
    const before = await lines();
    assert.ok(before.length >= 8, "the specification, the maxima and five shards");
    await abortAfter({ ...small, resume: true }, "generating", 1);
    const after = new Set(await lines());
    assert.equal(
      before.filter((line) => !after.has(line)),
      [],
    );
  }),
);

test(
  "resuming trusts only what matches its journal",
  inFolder(async (folder) => {
    const spec = { kind: "lsm", rows: 4000, features: 3, shardRows: 500, workers: 1 } as const;
    const whole = path.join(folder, "whole");
    await writeDataset({ ...spec, out: whole });
    const out = path.join(folder, "data");
    await abortAfter({ ...spec, out }, "generating", 5);
    const damaged = path.join(out, "shard-00001.arrow");
    const bytes = await readFile(damaged);
    bytes[1000]! ^= 1;
    await writeFile(damaged, bytes);
    await rm(path.join(out, "shard-00002.arrow"));
    await writeFile(path.join(out, "shard-00003.arrow"), "short");
    await writeFile(path.join(out, "shard-00004.arrow.tmp"), "left by a kill");
    // A crash can cut the journal's last line.
    const journal = path.join(out, ".progress.jsonl");
    await writeFile(journal, `${await readFile(journal, "utf8")}{"shard":{"file":"sha`);
    await writeDataset({ ...spec, out, resume: true });
    assert.is(await sumsOf(out), await sumsOf(whole));
    assert.equal(await namesIn(out), await namesIn(whole));

    // A journal that cannot be read at all is as none.
    const other = path.join(folder, "other");
    await abortAfter({ ...spec, out: other }, "generating", 3);
    await writeFile(path.join(other, ".progress.jsonl"), "nonsense");
    await writeDataset({ ...spec, out: other, resume: true });
    assert.is(await sumsOf(other), await sumsOf(whole));
  }),
);

test(
  "killed at any moments and resumed: the same bytes",
  inFolder(async (folder) => {
    for (const [round, kind] of (["lsm", "two-layer-sigmoid"] as const).entries()) {
      const spec = { kind, rows: 120_000, shardRows: 2000, workers: 2 };
      const whole = path.join(folder, `whole${round}`);
      await writeDataset({ ...spec, out: whole });
      const out = path.join(folder, `data${round}`);
      let killed = 0;
      for (const moment of randomFractions(3)) {
        const child = startChild({ ...spec, out, resume: true });
        await untilPrinted(child, kind === "lsm" ? "generating" : "maximum");
        await wait(moment * 60);
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
        if (child.signalCode === "SIGKILL") killed++;
        if (existsSync(path.join(out, "manifest.json"))) break;
        await assertRejects(openDataset(out), "failed", /not finished/);
      }
      assert.ok(killed > 0, "at least one was killed on the way");
      if (!existsSync(path.join(out, "manifest.json"))) {
        await writeDataset({ ...spec, out, resume: true });
      }
      assert.is(await sumsOf(out), await sumsOf(whole));
      assert.ok((await verifyDataset(out)).ok);
    }
  }),
);

test.run();
