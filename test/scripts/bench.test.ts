import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { noServer } from "../helpers/s3-server.js";
import { assert, skip, test } from "../helpers/test.js";
import { isPlatformServed, noBrowser } from "../helpers/browser.js";
import { median } from "../../scripts/bench/measure.js";
import { inFolder } from "../helpers/folder.js";

const SCRIPT = fileURLToPath(new URL("../../scripts/bench/main.js", import.meta.url));

function bench(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SCRIPT, ...words], { encoding: "utf8" });
}

test("the median", () => {
  assert.is(median([3]), 3);
  assert.is(median([10, 1, 2]), 2);
  assert.is(median([4, 1, 3, 10]), 3.5);
});

test(
  "a small run prints every program and ratio, and leaves nothing",
  inFolder(async (folder) => {
    const size = ["--rows", "20k", "--runs", "1", "--skip-python", "--folder", folder];
    const { status, stdout, stderr } = bench("generate", ...size);
    assert.is(status, 0, stderr);
    for (const pattern of [
      /20k rows × 10 features, medians of 1 interleaved runs/,
      /\d+ cores .* of memory/,
      /vadi \S+, Node \S+, DuckDB v[\d.]+\n/,
      /Without Python's peers, as asked/,
      /^vadi kernel, lsm, one thread, no files +\d+\.\d\d /m,
      /^vadi lsm → arrow +\d+\.\d\d .* MiB$/m,
      /^vadi lsm → parquet +\d+\.\d\d .* MiB$/m,
      /^vadi two-layer-sigmoid → arrow +\d+\.\d\d .* MiB$/m,
      /^DuckDB SQL lsm → parquet +\d+\.\d\d .* MiB$/m,
      /^plain sequential write \+ SHA-256 +\d+\.\d\d /m,
      /^lsm → arrow \/ DuckDB SQL → parquet +\d+\.\d\d +8$/m,
      /^lsm → parquet \/ plain write +\d+\.\d\d /m,
      /^vadi verify \/ SHA-256 on every core +\d+\.\d\d +1$/m,
      /^peak memory in MiB, 10 to 10000 features +\d+\.\d\d +512 at the most$/m,
    ]) {
      assert.match(stdout, pattern);
    }
    assert.not.match(stdout, /NaN|undefined|Infinity/);
    assert.equal(readdirSync(folder), []);
  }),
);

test(
  "a small run of training prints every program and ratio, and leaves nothing",
  inFolder(async (folder) => {
    const size = ["--rows", "20k", "--batch-size", "10k", "--runs", "1", "--scale", "0.02"];
    const words = [...size, "--skip-python", "--folder", folder];
    const { status, stdout, stderr } = bench("train", ...words);
    assert.is(status, 0, stderr);
    for (const pattern of [
      /SGD on 20k rows × 10 features, batches of 10k, medians of 1 interleaved runs/,
      /vadi \S+, Node \S+, TensorFlow\.js 4\.22\.0/,
      /Without Python's peers, as asked/,
      /^linear: vadi, Arrow files → wasm +\d+\.\d\d\d .* \d+\.\d % .* MiB$/m,
      /^mlp, one batch: vadi → wasm +\d+\.\d\d\d .* MiB$/m,
      /^mlp: TensorFlow\.js model\.fit on wasm, in memory +\d+\.\d\d\d /m,
      /^linear: vadi → wasm, M rows\/s +\d+\.\d\d +8$/m,
      /^mlp, one batch: vadi → wasm \/ optimizer\.minimize +\d+\.\d\d /m,
    ]) {
      assert.match(stdout, pattern);
    }
    assert.not.match(stdout, /NaN|undefined|Infinity/);
    assert.equal(readdirSync(folder), []);
  }),
);

test(
  "a small run of the loader prints every program and ratio, and leaves nothing",
  inFolder(async (folder) => {
    const size = ["--rows", "20k", "--runs", "1", "--skip-python", "--folder", folder];
    const { status, stdout, stderr } = bench("stream", ...size);
    assert.is(status, 0, stderr);
    for (const pattern of [
      /20k rows × 10 features in batches of 10k, medians of 1 interleaved runs/,
      /^vadi none, arrow +\d+\.\d\d .* MiB$/m,
      /^vadi window, arrow, batches to keep +\d+\.\d\d .* MiB$/m,
      /^vadi global, parquet +\d+\.\d\d .* MiB$/m,
      /^plain: read twice, write once +\d+\.\d\d .* MiB$/m,
      /^window, arrow: M rows\/s +\d+\.\d\d +25$/m,
      /^longest hold of the event loop, ms +\d+\.\d\d +≤ 20$/m,
    ]) {
      assert.match(stdout, pattern);
    }
    assert.not.match(stdout, /NaN|undefined|Infinity/);
    assert.equal(readdirSync(folder), []);
  }),
);

test(
  "a program's rows are written in every way",
  inFolder(async (folder) => {
    const { status, stdout, stderr } = bench(
      "rows",
      "--rows",
      "20k",
      "--runs",
      "1",
      "--folder",
      folder,
    );
    assert.is(status, 0, stderr);
    for (const pattern of [
      /^rows: 20k rows × 10 features, medians of 1 interleaved runs/,
      /^vadi, objects +\d+\.\d\d .* MiB$/m,
      /^vadi, batches of 10k +\d+\.\d\d .* MiB$/m,
      /^hyparquet-writer, a loop over objects +\d+\.\d\d .* MiB$/m,
      /^DuckDB's appender, by data chunks +\d+\.\d\d .* MiB$/m,
      /^objects \/ hyparquet-writer +\d+\.\d\d +1$/m,
    ]) {
      assert.match(stdout, pattern);
    }
    assert.not.match(stdout, /NaN|undefined|Infinity/);
    assert.equal(readdirSync(folder), []);
  }),
);

test(
  "a small report is opened and moved in Chromium, and each action's time is printed",
  inFolder(async (folder) => {
    if (!isPlatformServed()) return console.log(noBrowser);
    const size = ["--batches", "50", "--points", "200", "--runs", "1", "--folder", folder];
    const { status, stdout, stderr } = bench("report", ...size);
    assert.is(status, 0, stderr);
    for (const pattern of [
      /^report: slices of 50 batches in 200 points, a file of [\d.]+ MiB, medians of 1 runs/,
      ...["open", "hover", "zoom", "pan", "zoom out", "choose a batch"].map(
        (action) => new RegExp(`^${action} +\\d+  \\(\\d+ – \\d+\\)$`, "m"),
      ),
    ]) {
      assert.match(stdout, pattern);
    }
    assert.equal(readdirSync(folder), []);
  }),
);

test(
  "a small run of training from a bucket prints every program and ratio, and leaves nothing",
  inFolder(async (folder) => {
    if (process.env["TEST_S3_SERVER"] === undefined) skip(noServer);
    const size = ["--rows", "20k", "--runs", "1", "--folder", folder];
    const { status, stdout, stderr } = bench("buckets", ...size);
    assert.is(status, 0, stderr);
    for (const pattern of [
      /^buckets: 20k rows × 10 features \(.*\), medians of 1 interleaved runs/,
      /^linear: bucket, empty cache, one epoch +\d+\.\d\d .* % +\d+ MiB$/m,
      /^mlp:40,20: slow bucket, empty cache, one epoch +\d+\.\d\d .* % +\d+ MiB$/m,
      /^curl of all shards, slow bucket +\d+\.\d\d /m,
      /^linear: cache \/ local files +\d+\.\d\d +0\.9$/m,
      /^mlp:40,20: memory beyond that with local files, MiB +-?\d+\.\d\d +at most 150$/m,
    ]) {
      assert.match(stdout, pattern);
    }
    assert.not.match(stdout, /NaN|undefined|Infinity/);
    assert.equal(readdirSync(folder), []);
  }),
);

test("wrong words are told in a sentence", () => {
  for (const [words, pattern] of [
    [["nothing"], /Say what to measure: npm run bench -- all \|/],
    [["--colour"], /--colour/],
    [["generate", "--rows", "some"], /--rows must be a whole number/],
    [["generate", "--colour"], /--colour/],
    [["train", "--scale", "0"], /--scale must be a number above 0, not 0/],
    [["buckets", "--server", "/nowhere"], /There is no S3 server \/nowhere: name versitygw/],
  ] as const) {
    const { status, stderr } = bench(...words);
    assert.is(status, 2, words.join(" "));
    assert.match(stderr, pattern);
  }
});

test.run();
