import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { facts, table, toJson } from "../../src/cli/terminal/output.js";
import { inFolder, vadi } from "./vadi.js";

async function json(words: string[], cwd: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await vadi([...words, "--json"], { cwd });
  assert.is(code, 0, `${words.join(" ")}: ${stderr}`);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  assert.type(document["seconds"], "number");
  assert.ok((document["peakRssBytes"] as number) > 2 ** 20);
  return document;
}

test("a dataset of one batch and paths with spaces: each next command can be pasted", async () => {
  await inFolder(async (cwd) => {
    const ends = async (words: string[], next: string): Promise<void> => {
      const { code, stdout, stderr } = await vadi(words, { cwd });
      assert.is(code, 0, stderr);
      assert.ok(stdout.endsWith(`\nNext: ${next}\n`), stdout);
    };
    await ends(
      ["generate", "lsm", "--rows", "50", "--out", "it's data"],
      String.raw`vadi train 'it'\''s data' --out runs/NAME`,
    );
    await ends(
      ["train", "it's data", "--out=-run"],
      "vadi landscape ./-run, then vadi report ./-run",
    );
    // Five batches are the default, but one is all there is.
    await ends(["landscape", "./-run"], "vadi report ./-run");
    await ends(["landscape", "./-run", "--out", "a line"], "vadi report ./-run 'a line'");
  });
});

test("from an empty folder to a report, each step one JSON document", async () => {
  await inFolder(async (cwd) => {
    const rows = 20_000;
    const written = await json(
      ["generate", "lsm", "--out", "data", "--rows", "20k", "--shard-rows", "8k"],
      cwd,
    );
    assert.is(written["out"], "data");
    assert.is(written["kind"], "lsm");
    assert.is(written["shards"], 3);
    assert.is(written["rows"], rows);
    assert.ok((written["rowsPerSecond"] as number) > 0);

    const inspected = await json(["inspect", "data", "--rows", "2", "--statistics"], cwd);
    const manifest = JSON.parse(await readFile(path.join(cwd, "data/manifest.json"), "utf8")) as {
      shards: { bytes: number }[];
    };
    assert.equal(inspected["manifest"], manifest);
    assert.is(
      written["bytes"],
      manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0),
    );
    assert.equal(inspected["schema"], [
      { name: "x", type: "FixedSizeList<Float32>[10]" },
      { name: "y", type: "Float32" },
    ]);
    const head = inspected["head"] as { x: number[]; y: number }[];
    assert.equal(
      head.map(({ x }) => x.length),
      [10, 10],
    );
    assert.is((inspected["statistics"] as { rows: number }).rows, rows);

    const verified = await json(["verify", "data"], cwd);
    assert.is(verified["ok"], true);
    assert.is((verified["shards"] as unknown[]).length, 3);

    const trained = await json(
      ["train", "data", "--out", "run", "--batch-size", "1000", "--learning-rate", "0.1"].concat([
        "--epochs",
        "3",
      ]),
      cwd,
    );
    assert.is(trained["run"], "run");
    assert.is(trained["model"], "linear");
    assert.is(trained["optimizer"], "sgd");
    assert.is(trained["steps"], 60);
    assert.is(trained["epochs"], 3);
    assert.is(trained["rows"], 3 * rows);
    const waited = trained["waitedForData"] as number;
    assert.ok(waited >= 0 && waited <= 1);
    // The noise has a standard deviation of 0.1, so no model's mean squared error is far below 0.01.
    const loss = trained["loss"] as number;
    assert.ok(loss > 0.005 && loss < 0.02, String(loss));

    const line = await json(["landscape", "run", "--points", "11", "--batches", "0,19"], cwd);
    assert.is(line["points"], 11);
    assert.is(line["batches"], 2);
    assert.is(line["rows"], 2000);
    assert.ok((line["rowPointsPerSecond"] as number) > 0);
    assert.ok(String(line["out"]).startsWith(path.join("run", "landscapes")));

    const reported = await json(["report", "run", "--out", "r.html"], cwd);
    assert.is(reported["out"], "r.html");
    assert.match(await readFile(path.join(cwd, "r.html"), "utf8"), /^<!doctype html>/i);
  });
});

test("for people: aligned facts, where it was written, what to do next", async () => {
  await inFolder(async (cwd) => {
    const words = ["generate", "two-layer-sigmoid", "--out", "data", "--rows", "1k"];
    const { code, stdout } = await vadi([...words, "--format", "parquet"], { cwd });
    assert.is(code, 0);
    assert.match(stdout, /^Wrote the two-layer-sigmoid dataset data\n {2}rows +1000 × 10 features/);
    assert.match(stdout, /\n {2}maxima +-?[\d.e-]+, -?[\d.e-]+\n/);
    assert.match(stdout, /\nTook [\d.]+ s \([\d.]+k? rows\/s\), at most [\d.]+ MiB of memory\.\n/);
    assert.ok(stdout.endsWith("\nNext: vadi train data --out runs/NAME\n"));

    const inspected = await vadi(["inspect", "data", "--rows", "1"], { cwd });
    assert.match(inspected.stdout, "\nFirst row\n");
    assert.match(inspected.stdout, /\n {2}fingerprint {2}[0-9a-f]{64}\n/);

    await rm(path.join(cwd, "data/shard-00000.parquet"));
    const verified = await vadi(["verify", "data"], { cwd });
    assert.is(verified.code, 1);
    assert.match(verified.stdout, "shard-00000.parquet: missing");
    const again = await vadi(["verify", "data", "--json"], { cwd });
    assert.is(again.code, 1);
    assert.is((JSON.parse(again.stdout) as { ok: boolean }).ok, false);
  });
});

test("JSON of what JSON has no words for", () => {
  const text = toJson({
    a: Number.NaN,
    b: [Infinity],
    c: new Float32Array([1, NaN]),
    d: undefined,
  });
  assert.equal(JSON.parse(text), { a: null, b: [null], c: [1, null] });
});

test("facts and tables line up", () => {
  assert.equal(
    facts([
      ["a", "1"],
      ["long", "2"],
    ]),
    ["  a     1", "  long  2"],
  );
  assert.equal(table(["x", "name"], [["10", "a"]]), ["   x  name", "  10  a"]);
});

test.run();
