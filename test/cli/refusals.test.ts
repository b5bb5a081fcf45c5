import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { inFolder, vadi } from "./vadi.js";

/** Larger than any disk: 44 TB. */
const HUGE = ["--rows", "1e12"];
/** Longer than file systems allow. */
const LONG = "x".repeat(300);

async function succeed(words: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await vadi([...words, "--quiet"], { cwd });
  assert.is(code, 0, `${words.join(" ")}: ${stderr}`);
}

/** Makes a small dataset, a run on it and a table with an invalid value. */
async function prepare(cwd: string): Promise<void> {
  await succeed(
    ["generate", "lsm", "--rows", "2k", "--features", "1", "--shard-rows", "1k", "--out", "data"],
    cwd,
  );
  await succeed(["train", "data", "--batch-size", "500", "--out", "run"], cwd);
  await writeFile(path.join(cwd, "bad.csv"), `x0,y\n${"1,2\n".repeat(50)}nothing,3\n`);
  await succeed(
    ["generate", "lsm", "--rows", "2k", "--shard-rows", "1k", "--shards", "0-1", "--out", "part"],
    cwd,
  );
}

/** Commands that begin to write and fail before they have anything. */
const REFUSED: readonly (readonly [words: string, says: RegExp])[] = [
  ["generate lsm --rows 1e12 --out OUT", /needs .* TiB, but the disk/],
  [
    "generate lsm --rows 1e12 --shard-rows 1M --shards 0-999999 --out OUT",
    /needs .* TiB, but the disk/,
  ],
  ["generate two-layer-sigmoid --rows 1k --noise 1e38 --out OUT", /not a finite float32/],
  ["convert bad.csv --out OUT", /bad\.csv/],
  ["train bad.csv --standardize --out OUT", /bad\.csv/],
  ["predict run bad.csv --out OUT", /bad\.csv/],
  ["predict run bad.csv --format arrow --out OUT", /bad\.csv/],
  ["landscape cut-run --dataset cut --out OUT", /shard/],
  ["join cut-part --out OUT", /shard-0000\d\.arrow/],
  [`experiment closed-form --rows 1e12 --out OUT`, /needs .* TiB, but the disk/],
  [`report run --out OUT/${LONG}.html`, /ENAMETOOLONG/],
  [`report run --format json --out OUT/${LONG}.json`, /ENAMETOOLONG/],
  [`report run --format csv --out OUT/${LONG}`, /ENAMETOOLONG/],
  [`export run --out OUT/${LONG}.safetensors`, /ENAMETOOLONG/],
  [`train data --out OUT/${LONG}`, /ENAMETOOLONG/],
  [`train bad.csv --shuffle global --scratch OUT --batch-size 10 --out bad-run`, /bad\.csv/],
];

test("a command that is refused leaves no folder that it made, and an empty one that was there", async () => {
  await inFolder(async (cwd) => {
    await prepare(cwd);
    await cp(path.join(cwd, "part"), path.join(cwd, "cut-part"), { recursive: true });
    for (const shard of ["0", "1"]) {
      await truncate(path.join(cwd, `cut-part/shard-0000${shard}.arrow`), 1000);
    }
    await cp(path.join(cwd, "data"), path.join(cwd, "cut"), { recursive: true });
    await cp(path.join(cwd, "run"), path.join(cwd, "cut-run"), { recursive: true });
    for (const shard of ["0", "1"]) {
      const file = path.join(cwd, `cut/shard-0000${shard}.arrow`);
      await writeFile(file, Buffer.alloc((await stat(file)).size, 7));
    }
    for (const [words, says] of REFUSED) {
      const out = words.split(" ").map((word) => word.replace("OUT", "new/a/b"));
      const { code, stderr } = await vadi([...out, "--quiet"], { cwd });
      assert.ok(code === 1 || code === 2, `${words}: ${code}`);
      assert.match(stderr, says, words);
      assert.not.ok(existsSync(path.join(cwd, "new")), `${words}: ${stderr}`);
    }
    // A folder of the user's stays, as empty as it was.
    for (const place of ["generate", "landscape", "predict", "experiment"]) {
      const [words = ""] = REFUSED.find(([refused]) => refused.startsWith(place)) ?? [];
      await mkdir(path.join(cwd, "own"));
      const out = words.split(" ").map((word) => word.replace("OUT", "own"));
      await vadi([...out, "--quiet"], { cwd });
      assert.equal(await readdir(path.join(cwd, "own")), [], words);
      await rm(path.join(cwd, "own"), { recursive: true });
    }
  });
});

test("a refused training does not replace the run that was there", async () => {
  await inFolder(async (cwd) => {
    await prepare(cwd);
    const { code } = await vadi(["train", "bad.csv", "--standardize", "--force", "--out", "run"], {
      cwd,
    });
    assert.is(code, 1);
    await succeed(["evaluate", "run"], cwd);
  });
});

test("after a refusal the next try may have other options", async () => {
  await inFolder(async (cwd) => {
    const words = ["generate", "two-layer-sigmoid", "--rows", "1k", "--out", "data"];
    assert.is((await vadi([...words, "--noise", "1e38"], { cwd })).code, 1);
    await succeed(words, cwd);
    assert.is((await vadi(["generate", "lsm", ...HUGE, "--out", "huge"], { cwd })).code, 1);
    await succeed(["generate", "lsm", "--rows", "10", "--out", "huge"], cwd);
  });
});

test.run();
