import { cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, skip, test } from "../helpers/test.js";
import { createRowMaker } from "../../src/generate/index.js";
import {
  findMaximum,
  joinDatasets,
  verifyDataset,
  writeDataset,
  writePart,
  type PartSpec,
} from "../../src/storage/index.js";
import { formatRanges } from "../../src/common/ranges.js";
import { parseShards } from "../../src/storage/dataset/shard-selection.js";
import { openDataset } from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";
import { assertRejects, namesIn, sumsOf } from "./folders.js";

const KINDS = ["lsm", "two-layer-sigmoid"] as const;
const FORMATS = ["arrow", "parquet"] as const;
/** Five shards, the last of 450 rows. */
const common = { rows: 4450, features: 3, seed: 7, shardRows: 1000 } as const;
const PARTS = ["1,3", "0", "2,4"];

async function makeParts(
  folder: string,
  spec: Omit<PartSpec, "out" | "shards">,
): Promise<string[]> {
  const folders: string[] = [];
  for (const [index, shards] of PARTS.entries()) {
    const out = path.join(folder, `part-${index}`);
    await writePart({ ...spec, out, shards });
    folders.push(out);
  }
  return folders;
}

test("shards are chosen by ranges and lists", () => {
  for (const [text, shards] of [
    ["0-3", [0, 1, 2, 3]],
    ["0-2,7", [0, 1, 2, 7]],
    ["9, 0-1", [0, 1, 9]],
    ["5", [5]],
    ["3-3", [3]],
  ] as const) {
    assert.equal(parseShards(text, 10), [...shards]);
  }
  for (const [text, says] of [
    ["", /range or a list/],
    ["3-1", /range or a list/],
    ["-1", /range or a list/],
    ["1,,2", /range or a list/],
    ["all", /range or a list/],
    ["0-99999999999999999999", /range or a list/],
    ["0-10", /shard 10, but the dataset has the shards 0 to 9/],
    ["0-3,2", /shard 2 twice/],
  ] as const) {
    assert.throws(() => parseShards(text, 10), says);
  }
  assert.is(formatRanges([0, 1, 2, 7, 9, 10]), "0-2,7,9-10");
  assert.is(formatRanges([]), "");
});

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
      [{ seed: 8 }, /part-0 are those of other data: --seed is 7 there, not 8/],
      [{ rows: 4451 }, /--rows is 4450 there, not 4451/],
      [{ noise: 0.2 }, /--noise is 0\.1 there, not 0\.2/],
      [{ features: 4 }, /--features is 3 there, not 4/],
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
    await assertRejects(joinDatasets([from], at("joined")), "failed", /no maxima yet.*--resume/);
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

test(
  "parts that do not make a whole are named",
  inFolder(async (folder) => {
    const spec = { ...common, kind: "lsm" } as const;
    const [a = "", b = "", c = ""] = await makeParts(folder, spec);
    const out = path.join(folder, "joined");
    const join = (...folders: string[]): Promise<unknown> => joinDatasets(folders, out);
    await assertRejects(join(), "usage", /at least one part/);
    await assertRejects(join(a, b), "failed", /No part has the shards 2,4: .*--shards 2,4\.$/);
    await assertRejects(join(a, c), "failed", /No part has shard 0 \(shard-00000\.arrow\)/);
    await assertRejects(join(a, b, c, b), "failed", /Shard 0 \(.*\) is in two parts, .*part-1/);
    await assertRejects(join(a, b, path.join(folder, "none")), "failed", /none is not a part/);
    for (const [option, change] of [
      ["--seed is 7 in", { seed: 8 }],
      ["--rows is 4450 in", { rows: 4451 }],
      ["--noise is 0.1 in", { noise: 0.2 }],
      ['--format is "arrow" in', { format: "parquet" }],
      ["--shard-rows is 1000 in", { shardRows: 1001 }],
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
