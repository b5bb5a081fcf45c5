import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";

const SCRIPT = fileURLToPath(new URL("../../scripts/fuzz/main.js", import.meta.url));

function fuzz(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SCRIPT, ...words], { encoding: "utf8" });
}

test("files that are changed at random are read, or refused in a sentence", () => {
  const { status, stdout, stderr } = fuzz("--seed", "1", "--inputs", "30");
  assert.is(stderr, "");
  assert.is(status, 0, stdout);
  const [last = ""] = stdout.trimEnd().split("\n").slice(-1);
  assert.match(last, /^seed 1: 240 inputs: \d+ read to the same, \d+ to other values/);
  // Most changes must be noticed, or the fuzzer tests little.
  assert.ok(Number(/(\d+) refused/.exec(last)?.[1]) > 120, last);
});

test("the same seed makes the same inputs", () => {
  const words = ["--target", "options", "--seed", "7", "--first", "20", "--inputs", "30"];
  const [first, second] = [fuzz(...words), fuzz(...words)];
  assert.is(first.status, 0, first.stdout);
  assert.is(first.stdout, second.stdout);
  assert.match(first.stdout, /^options: 30 inputs: /);
});

test("an unknown target is refused", () => {
  const { status, stderr } = fuzz("--target", "nothing");
  assert.is(status, 2);
  assert.match(stderr, /^There is no target nothing; choose one of parquet, arrow, /);
});

test.run();
