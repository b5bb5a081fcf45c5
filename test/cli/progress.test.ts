import { assert, test } from "../helpers/test.js";
import { showProgress, type ProgressTarget } from "../../src/cli/terminal/progress.js";

/** A display on a clock that the test turns. */
function display(
  isTerminal: boolean,
  columns = 100,
): { shown: ReturnType<typeof showProgress>; written: string[]; wait: (seconds: number) => void } {
  const written: string[] = [];
  let time = 1000;
  const target: ProgressTarget = {
    write: (text) => written.push(text),
    isTerminal,
    columns: () => columns,
    now: () => time,
  };
  return { shown: showProgress(target), written, wait: (seconds) => (time += seconds) };
}

const total = 10_000_000;

test("on a terminal one line is rewritten, at most ten times a second", () => {
  const { shown, written, wait } = display(true);
  for (let step = 0; step < 1000; step++) {
    shown.onProgress({ phase: "generating", done: step * 10_000, total, unit: "rows" });
    wait(0.01);
  }
  assert.ok(written.length >= 90 && written.length <= 101, String(written.length));
  for (const line of written) {
    assert.ok(line.startsWith("\rgenerating "));
    assert.ok(line.endsWith("\u001B[K"));
    assert.not.match(line, "\n");
  }
  shown.clear();
  assert.is(written.at(-1), "\r\u001B[K");
  const count = written.length;
  shown.clear();
  assert.is(written.length, count, "nothing to clear any more");
});

test("what it tells: percent, rate, bytes, loss, time left", () => {
  const { shown, written, wait } = display(true, 200);
  const report = (done: number): void =>
    shown.onProgress({
      phase: "training",
      done,
      total: 100,
      unit: "steps",
      rows: done * 1e5,
      bytes: done * 2 ** 20,
      loss: 0.012345678,
    });
  report(0);
  wait(10);
  report(25);
  assert.match(
    written.at(-1) ?? "",
    " 25%  25 of 100 steps, 250k rows/s, 25 MiB, loss 0.01235, 30 s left",
  );
});

test("rates count from where a phase began, and a new phase begins anew", () => {
  const { shown, written, wait } = display(true, 200);
  shown.onProgress({ phase: "first", done: 900, total: 1000, unit: "rows" });
  wait(2);
  shown.onProgress({ phase: "first", done: 950, total: 1000, unit: "rows" });
  assert.match(written.at(-1) ?? "", "25 rows/s, 2 s left");
  wait(1);
  shown.onProgress({ phase: "second", done: 0, total: 1000, unit: "rows" });
  wait(1);
  shown.onProgress({ phase: "second", done: 100, total: 1000, unit: "rows" });
  assert.match(written.at(-1) ?? "", "second");
  assert.match(written.at(-1) ?? "", "100 rows/s, 9 s left");
});

test("rates of a second task of the same phase count from where it began", () => {
  const { shown, written, wait } = display(true, 200);
  const report = (done: number): void =>
    shown.onProgress({ phase: "generating", done, total: 1000, unit: "rows" });
  for (const done of [1, 501, 1000]) {
    report(done);
    wait(5);
  }
  report(1);
  wait(2);
  report(201);
  assert.match(written.at(-1) ?? "", "100 rows/s, 8 s left");
});

test("a line never wraps", () => {
  for (const columns of [1, 10, 40, 80]) {
    const { shown, written, wait } = display(true, columns);
    shown.onProgress({ phase: "verifying", done: 0, total: 1e9, unit: "bytes" });
    wait(5);
    shown.onProgress({ phase: "verifying", done: 5e8, total: 1e9, unit: "bytes", rows: 12 });
    for (const line of written) assert.ok(line.length - "\r\u001B[K".length < Math.max(1, columns));
  }
});

test("a phase cannot move the cursor", () => {
  const { shown, written } = display(true);
  shown.onProgress({ phase: "a\u001B[2Jb", done: 0, total: 1, unit: "rows" });
  assert.not.match(written[0] ?? "", "\u001B[2J");
});

test("elsewhere a plain line about every five seconds, and none for short work", () => {
  const { shown, written, wait } = display(false);
  for (let step = 0; step < 2000; step++) {
    shown.onProgress({ phase: "generating", done: step * 5000, total, unit: "rows" });
    wait(0.01);
  }
  assert.is(written.length, 3);
  for (const line of written) {
    assert.match(line, /^generating: \d+%, .* of 10M rows, 500k rows\/s, .* left\n$/);
  }
  shown.clear();
  assert.is(written.length, 3);
});

test("nothing to do is not a division by zero", () => {
  const { shown, written } = display(true);
  shown.onProgress({ phase: "training", done: 0, total: 0, unit: "steps" });
  assert.match(written[0] ?? "", " 0%  0 of 0 steps");
});

test.run();
