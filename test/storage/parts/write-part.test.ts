import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { createRowMaker } from "../../../src/generate/index.js";
import {
  findMaximum,
  joinDatasets,
  verifyDataset,
  writeDataset,
  writePart,
} from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects, namesIn, sumsOf } from "../folders.js";
import { common, PARTS } from "./make-parts.js";

test(
  "the maxima are found in parts: each is the largest over the rows of its shards",
  inFolder(async (folder) => {
    const spec = { kind: "two-layer-sigmoid", features: 3, noise: 0.1, seed: 7 } as const;
    const maker = createRowMaker(spec, 5000);
    const whole = await findMaximum(common);
    const first: number[] = [];
    for (const shards of PARTS) {
      const found = await findMaximum({ ...common, shards });
      assert.is(found.second, undefined);
      first.push(found.first!);
    }
    // Part 0 is the shards 1 and 3: rows 1000 … 1999 and 3000 … 3999.
    const expected = Math.max(maker.maximum(1000, 1000), maker.maximum(3000, 1000));
    assert.is(first[0], expected);
    const firstMaximum = Math.max(...first);
    assert.is(firstMaximum, whole.first);
    const second: number[] = [];
    for (const shards of PARTS) {
      const found = await findMaximum({ ...common, shards, firstMaximum });
      assert.is(found.first, undefined);
      second.push(found.second!);
    }
    assert.is(Math.max(...second), whole.second);
    const out = path.join(folder, "data");
    const { manifest } = await writeDataset({ ...common, kind: "two-layer-sigmoid", out });
    assert.ok(manifest.kind === "two-layer-sigmoid");
    assert.equal(manifest.constants.maxima, [whole.first, whole.second]);
    await assertRejects(
      findMaximum({ ...common, firstMaximum: 1 }),
      "usage",
      /^firstMaximum is for shards/,
    );
    await assertRejects(
      findMaximum({ ...common, shards: "0", firstMaximum: 1.1 }),
      "usage",
      /^firstMaximum must be exactly as 'vadi maxima' prints it/,
    );
  }),
);

test(
  "a part without maxima finds and writes down those of the whole, and others read them from it",
  inFolder(async (folder) => {
    const sigmoid = { ...common, kind: "two-layer-sigmoid" } as const;
    const at = (name: string): string => path.join(folder, name);
    const { manifest } = await writeDataset({ ...sigmoid, out: at("whole") });
    assert.ok(manifest.kind === "two-layer-sigmoid");
    const { maxima } = manifest.constants;
    const phases = new Set<string>();
    const onProgress = ({ phase }: { phase: string }): void => void phases.add(phase);
    const first = await writePart({ ...sigmoid, out: at("part-0"), shards: "1,3" }, { onProgress });
    assert.equal(first.maxima, maxima);
    assert.equal([...phases], ["first maximum", "second maximum", "generating"]);
    phases.clear();
    // The journal alone will do, as copied from another machine; so will another dataset of these rows.
    await mkdir(at("copied"));
    const journal = ".progress.jsonl";
    await cp(path.join(at("part-0"), journal), path.join(at("copied"), journal));
    for (const [out, shards, from] of [
      ["part-1", "0", "copied"],
      ["part-2", "2,4", "whole"],
    ] as const) {
      const part = { ...sigmoid, out: at(out), shards, maxima: at(from) };
      assert.equal((await writePart(part, { onProgress })).maxima, maxima);
      // A resumed part reads them again, and its own will do for others.
      await writePart({ ...part, resume: true });
    }
    assert.equal([...phases], ["generating"]);
    const parts = ["part-1", "part-2", "part-0"].map(at);
    await joinDatasets(parts, at("joined"));
    assert.is(await sumsOf(at("joined")), await sumsOf(at("whole")));
  }),
);

test(
  "maxima of other data, or none, are refused by name",
  inFolder(async (folder) => {
    const sigmoid = { ...common, kind: "two-layer-sigmoid", shards: "0" } as const;
    const at = (name: string): string => path.join(folder, name);
    const from = at("part-0");
    await writePart({ ...sigmoid, out: from });
    const out = at("part-1");
    for (const [change, says] of [
      [{ seed: 8 }, /part-0 are those of other data: seed is 7 there, not 8/],
      [{ rows: 4451 }, /rows is 4450 there, not 4451/],
      [{ noise: 0.2 }, /noise is 0\.1 there, not 0\.2/],
      [{ features: 4 }, /features is 3 there, not 4/],
    ] as const) {
      const part = { ...sigmoid, shards: "1", out, maxima: from, ...change };
      await assertRejects(writePart(part), "failed", says);
    }
    await writePart({ ...common, kind: "lsm", shards: "0", out: at("lsm") });
    const other = { ...sigmoid, shards: "1", out };
    const none = { ...other, maxima: at("lsm") };
    await assertRejects(writePart(none), "failed", /kind is lsm there, not two-layer-sigmoid/);
    const missing = { ...other, maxima: at("none") };
    await assertRejects(writePart(missing), "failed", /none is neither a dataset nor a part/);
    const wrong = { ...common, kind: "lsm", shards: "0", out, maxima: from } as const;
    await assertRejects(writePart(wrong), "usage", /^maxima is for two-layer-sigmoid/);
    // Interrupted before they were found.
    const journal = path.join(from, ".progress.jsonl");
    const [spec = ""] = (await readFile(journal, "utf8")).split("\n");
    await writeFile(journal, `${spec}\n`);
    await assertRejects(writePart({ ...other, maxima: from }), "failed", /has no maxima yet/);
    await assertRejects(joinDatasets([from], at("joined")), "failed", /no maxima yet.*resume/);
    assert.equal(await namesIn(folder), ["lsm", "part-0"]);
  }),
);

test(
  "what cannot be a part is refused",
  inFolder(async (folder) => {
    const out = path.join(folder, "part");
    const sigmoid = { ...common, kind: "two-layer-sigmoid", out, shards: "0" } as const;
    const lsm = { ...common, kind: "lsm", out, shards: "0" } as const;
    await assertRejects(
      writePart({ ...sigmoid, maxima: [1, 0] }),
      "usage",
      /^maxima must be other/,
    );
    await assertRejects(writePart({ ...lsm, maxima: [1, 2] }), "usage", /^maxima is for two-layer/);
    await assertRejects(writePart({ ...lsm, shards: "5" }), "usage", /shards 0 to 4/);
    await writeDataset({ ...common, kind: "lsm", out });
    await assertRejects(writePart(lsm), "failed", /holds a dataset already/);
    await assertRejects(writePart({ ...lsm, force: true }), "failed", /folder of its own/);
    assert.ok((await verifyDataset(out)).ok);
  }),
);

test(
  "a part is resumed with its own options only, and is no dataset by itself",
  inFolder(async (folder) => {
    const out = path.join(folder, "part");
    const spec = { ...common, kind: "lsm", out, shards: "1-2" } as const;
    await writePart(spec);
    const file = path.join(out, "shard-00002.arrow");
    const before = await readFile(file);
    await writeFile(file, "damaged");
    await assertRejects(writePart(spec), "failed", /use resume to continue/);
    const other = { ...spec, resume: true };
    await assertRejects(
      writePart({ ...other, shards: "1-3" }),
      "failed",
      /another source or specification/,
    );
    const { shards: _shards, ...whole } = other;
    await assertRejects(writeDataset(whole), "failed", /another source or specification/);
    const { rows } = await writePart(other);
    assert.is(rows, 2000);
    assert.ok((await readFile(file)).equals(before));
    await assertRejects(
      openDataset(out),
      "failed",
      /part of a dataset, the shards 1-2; .*vadi join/,
    );
    await assertRejects(verifyDataset(out), "failed", /part of a dataset/);
  }),
);

test.run();
