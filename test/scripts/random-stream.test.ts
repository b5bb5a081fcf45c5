import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { assert, skip, test } from "../helpers/test.js";
import { randomWords } from "../../src/generate/index.js";

const SCRIPT = fileURLToPath(new URL("../../scripts/random-stream.js", import.meta.url));

/** The words that the script prints, read as little-endian whatever this machine is. */
function printed(...words: string[]): number[] {
  const bytes = execFileSync(process.execPath, [SCRIPT, ...words], { maxBuffer: 2 ** 26 });
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(4 * index));
}

/** Words a[0] b[0] … a[1] b[1] … */
function dealt(lanes: readonly Uint32Array[]): number[] {
  const [first] = lanes;
  return Array.from(first ?? [], (_, index) => lanes.map((lane) => lane[index] ?? NaN)).flat();
}

test("one stream: the words of its first row", () => {
  assert.equal(printed("--bytes", "4096"), [...randomWords(42, 0, 0, 1024)]);
  const many = printed("--seed", "7", "--stream", "3", "--row", "5", "--bytes", "1MiB");
  assert.equal(many, [...randomWords(7, 3, 5, 2 ** 18)]);
});

test("the largest seed of a dataset is a seed here", () => {
  const seed = Number.MAX_SAFE_INTEGER;
  const words = printed("--seed", String(seed), "--bytes", "64");
  assert.equal(words, [...randomWords(seed, 0, 0, 16)]);
  const refused = spawnSync(
    process.execPath,
    [SCRIPT, "--seed", String(seed), "--interleave", "2", "--across", "seeds"],
    { encoding: "utf8" },
  );
  assert.match(refused.stderr, /--seed must be from 0 to 9007199254740990/);
});

test("a size that ends within a word or a piece is kept to", () => {
  for (const size of ["0", "1", "262145"]) {
    const bytes = execFileSync(process.execPath, [SCRIPT, "--bytes", size]);
    assert.is(bytes.length, Number(size));
  }
});

test("streams, seeds and rows are interleaved word by word", () => {
  const count = 30_000;
  const size = ["--bytes", String(3 * 4 * count)];
  const lanes = [0, 1, 2];
  assert.equal(
    printed("--interleave", "3", "--stream", "1", ...size),
    dealt(lanes.map((lane) => randomWords(42, 1 + lane, 0, count))),
  );
  assert.equal(
    printed("--interleave", "3", "--across", "seeds", ...size),
    dealt(lanes.map((lane) => randomWords(42 + lane, 0, 0, count))),
  );
  assert.equal(
    printed("--interleave", "3", "--across", "rows", "--row", "9", ...size),
    dealt(lanes.map((lane) => randomWords(42, 0, 9 + lane, count))),
  );
});

test("the first words of every row, as a dataset reads them", () => {
  const rows = Array.from({ length: 100 }, (_, row) => [...randomWords(42, 0, row, 10)]);
  assert.equal(printed("--words-per-row", "10", "--bytes", "4000"), rows.flat());
  const pairs = Array.from({ length: 50 }, (_, pair) =>
    dealt([randomWords(42, 0, 2 * pair, 10), randomWords(42, 0, 2 * pair + 1, 10)]),
  );
  assert.equal(
    printed("--words-per-row", "10", "--interleave", "2", "--across", "rows", "--bytes", "4000"),
    pairs.flat(),
  );
});

test("a reader that has had enough ends it without a word", async () => {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child.stdout, "readable");
  child.stdout.destroy();
  await once(child, "close");
  assert.is(errors, "");
  assert.is(child.exitCode, 0);
});

test("a reader that waits is waited for: nothing piles up", async () => {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "readable");
  // Half a second of unread words would be hundreds of mebibytes.
  await wait(500);
  const status = `/proc/${child.pid}/status`;
  if (existsSync(status)) {
    const [, kibibytes = ""] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8")) ?? [];
    assert.ok(Number(kibibytes) < 150 * 1024, `${kibibytes} KiB`);
  } else skip("this platform does not tell a process's memory");
  child.stdout.destroy();
  await once(child, "exit");
  assert.is(child.exitCode, 0);
});

test("wrong options are told in a sentence", () => {
  for (const [words, pattern] of [
    [["--interleave", "0"], /--interleave must be from 1 to 16384/],
    [["--across", "columns"], /--across must be streams, seeds or rows/],
    [["--seed", "-1"], /--seed/],
    [["--stream", "4294967296"], /--stream must be from 0 to 4294967295/],
    [["--bytes", "many"], /--bytes must be a size/],
    [["--unknown"], /--unknown/],
  ] as const) {
    const { status, stderr, stdout } = spawnSync(process.execPath, [SCRIPT, ...words], {
      encoding: "utf8",
    });
    assert.is(status, 2, words.join(" "));
    assert.match(stderr, pattern);
    assert.not.match(stderr.trim(), /\n/);
    assert.is(stdout, "");
  }
});

test.run();
