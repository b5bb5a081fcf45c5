import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";

const SCRIPT = fileURLToPath(new URL("../../scripts/faults/main.js", import.meta.url));

function faults(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SCRIPT, ...words], { encoding: "utf8" });
}

test("some operations of a job fail in every way, and it ends whole or goes on to the same bytes", () => {
  const words = ["--job", "generate", "--first", "3", "--every", "16"];
  const { status, stdout, stderr } = faults(...words);
  assert.is(stderr, "");
  assert.is(status, 0, stdout);
  const [, operations, tried, whole, refused, killed] =
    /^generate: (\d+) operations, (\d+) faults: (\d+) ended .*, (\d+) were refused and (\d+) killed/
      .exec(stdout)
      ?.map(Number) ?? [];
  // Worker threads count as well: a shard has some ten operations.
  assert.ok(operations! > 50, stdout);
  assert.ok(tried! > 8 && refused! > 0 && killed! > 0, stdout);
  assert.is(whole! + refused! + killed!, tried);
});

test("a disk that fails while a dataset is verified and repaired", () => {
  const { status, stdout } = faults("--job", "repair", "--mode", "EIO", "--every", "2");
  assert.is(status, 0, stdout);
  assert.match(stdout, /^repair: \d+ operations, 1\d faults: .*; 0 findings\n/);
});

test("a disk that fails while a landscape is computed and moved to its place", () => {
  const { status, stdout } = faults("--job", "landscape", "--mode", "EIO", "--every", "25");
  assert.is(status, 0, stdout);
  assert.match(stdout, /^landscape: \d+ operations, 1\d faults: .*; 0 findings\n/);
});

test("a disk that takes half of a write and says so", () => {
  const { status, stdout } = faults("--job", "part", "--mode", "short");
  assert.is(status, 0, stdout);
  // The lines of the journal are written to their end, and the job ends as if nothing had been.
  assert.match(stdout, /^part: \d+ operations, \d faults: [2-9] ended as if .*; 0 findings\n/);
});

test("a disk that fails while a new dataset takes the place of an old one", () => {
  const { status, stdout } = faults("--job", "replace-generate", "--mode", "EIO", "--first", "80");
  assert.is(status, 0, stdout);
  assert.match(stdout, /^replace-generate: \d+ operations, [12]\d faults: .*; 0 findings\n/);
});

test("an unknown job is refused", () => {
  const { status, stderr } = faults("--job", "nothing");
  assert.is(status, 2);
  assert.match(stderr, /^There is no job nothing; choose one of generate, /);
});

test.run();
