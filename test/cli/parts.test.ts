import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { inFolder, vadi } from "./vadi.js";

async function succeed(words: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await vadi([...words, "--quiet"], { cwd });
  assert.is(code, 0, `${words.join(" ")}: ${stderr}`);
  return stdout;
}

test("verify --repair says what was found and what became of it", async () => {
  await inFolder(async (cwd) => {
    await succeed(["generate", "lsm", "--rows", "3k", "--shard-rows", "1k", "--out", "data"], cwd);
    const shard = path.join(cwd, "data/shard-00001.arrow");
    const before = await readFile(shard);
    await writeFile(shard, "damaged");
    await rm(path.join(cwd, "data/shard-00002.arrow"));

    const found = await vadi(["verify", "data"], { cwd });
    assert.is(found.code, 1);
    assert.match(found.stdout, "data: 2 of 3 files not as they were written.\n");
    assert.match(found.stdout, "\nNext: vadi verify data --repair\n");

    const repaired = await vadi(["verify", "data", "--repair"], { cwd });
    assert.is(repaired.code, 0);
    assert.match(repaired.stdout, "data: 2 of 3 files not as they were written, 2 repaired.\n");
    assert.match(repaired.stdout, /shard-00001\.arrow: damaged \(it has 7 bytes .*\), repaired\n/);
    assert.match(repaired.stdout, /shard-00002\.arrow: missing \(.*\), repaired\n/);
    assert.ok((await readFile(shard)).equals(before));

    // What cannot be repaired keeps the exit code at 1.
    await writeFile(path.join(cwd, "data/shard-00003.arrow"), "extra");
    const extra = await vadi(["verify", "data", "--repair", "--json"], { cwd });
    assert.is(extra.code, 1);
    const { ok, shards } = JSON.parse(extra.stdout) as { ok: boolean; shards: object[] };
    assert.not.ok(ok);
    assert.is(shards.length, 4);
    assert.match(await readFile(path.join(cwd, "data/shard-00003.arrow"), "utf8"), "extra");
  });
});

test("what parts cannot be made of is a usage error that names the option", async () => {
  await inFolder(async (cwd) => {
    const sigmoid = ["generate", "two-layer-sigmoid", "--rows", "1k", "--out", "x"];
    for (const [words, says] of [
      [
        [...sigmoid, "--shards", "0", "--maxima", "1"],
        /^--maxima must be two numbers A,B .*, or the folder /,
      ],
      [[...sigmoid, "--shards", "0", "--maxima", "1,x"], /^--maxima must be a number/],
      [[...sigmoid, "--shards", "0", "--maxima", "1,0.1"], /^--maxima must be exactly/],
      [[...sigmoid, "--shards", "1", "--maxima", "1,-0.5"], /^--shards names shard 1/],
      [[...sigmoid, "--maxima", "1,2"], /^--maxima is for --shards/],
      [["maxima", "--shards", "b"], /^--shards must be a range or a list/],
      [["join", "parts"], /--out/],
    ] as const) {
      const { code, stdout, stderr } = await vadi(words, { cwd });
      assert.is(code, 2, `${words.join(" ")}: ${stderr}`);
      assert.is(stdout, "");
      assert.match(stderr, says);
    }
    for (const folder of ["parts", "./1,2"]) {
      const part = [...sigmoid, "--shards", "0", "--maxima", folder];
      const none = await vadi(part, { cwd });
      assert.is(none.code, 1);
      assert.match(none.stderr, / is neither a dataset nor a part of one: .*\.\n$/);
    }
    const { code, stderr } = await vadi(["join", "parts", "--out", "x"], { cwd });
    assert.is(code, 1);
    assert.match(stderr, /parts is not a part of a dataset, .*\.progress\.jsonl\.\n$/);
  });
});

test.run();
