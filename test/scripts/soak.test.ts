import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";

const SCRIPT = fileURLToPath(new URL("../../scripts/soak/main.js", import.meta.url));

function soak(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SCRIPT, ...words], { encoding: "utf8" });
}

test("a small dataset is killed, damaged and resumed", () => {
  const { status, stdout, stderr } = soak("generate", "--rounds", "1", "--rows", "100k");
  assert.is(stderr, "");
  assert.is(status, 0);
  assert.match(stdout, /^seed 1: .*: \d+ kills.*same SHA256SUMS, verified\n/);
  assert.match(stdout, /\nKilled, damaged and resumed: 1 datasets;/);
});

test("jobs are killed, damaged and started twice, and end as if undisturbed", () => {
  const words = ["--rounds", "8", "--job", "certify", "--seed", "3"];
  const { status, stdout, stderr } = soak("pipeline", ...words);
  assert.is(stderr, "");
  assert.is(status, 0);
  assert.match(
    stdout,
    /^8 jobs ended as if undisturbed, or refused: \d+ kills, .*[1-9]\d* damaged/m,
  );
});

test("commands get signals, clocks that jump and full disks, and end as if undisturbed", () => {
  const { status, stdout, stderr } = soak("commands", "--rounds", "1", "--seed", "1");
  assert.is(stderr, "");
  assert.is(status, 0);
  assert.match(stdout, /^1 commands ended as if undisturbed, or refused; kill \d+, /);
});

test("training leaves no tensors", () => {
  const { status, stdout, stderr } = soak("train", "--steps", "1k");
  assert.is(stderr, "");
  assert.is(status, 0);
  assert.match(
    stdout,
    /^mlp, fused, backend wasm, \d+ threads: 1000 steps of 1000 rows in [\d.]+ s\n/,
  );
  assert.match(stdout, /\ntensors: 0 before, at most 0 between steps, 0 after\n/);
});

test("wrong words are told in a sentence", () => {
  for (const [words, pattern] of [
    [[], /Say what to soak: npm run soak -- generate/],
    [["nothing"], /Say what to soak/],
    [["generate", "--minutes", "none"], /--minutes must be above 0/],
    [["generate", "--colour"], /--colour/],
    [["train", "--way", "up"], /--way must be fused or autodiff, not up/],
  ] as const) {
    const { status, stderr } = soak(...words);
    assert.is(status, 2, words.join(" "));
    assert.match(stderr, pattern);
  }
});

test.run();
