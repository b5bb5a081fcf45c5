import type { ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomFractions } from "./seed.js";
import { assert } from "./test.js";
import { openRun } from "../../src/index.js";
import { vadi } from "../cli/vadi.js";

const bytes = (file: string): Promise<string> => readFile(file, "hex");

/** What must be the same however often a run was interrupted: all bytes but the seconds. */
export async function contentOf(run: string): Promise<Record<string, unknown>> {
  const checkpoints = path.join(run, "checkpoints");
  const newest = (await readdir(checkpoints))
    .map((name) => Number(name.slice("step-".length)))
    .toSorted((a, b) => b - a)[0];
  const last = path.join(checkpoints, `step-${newest}`);
  const snapshots = (await readdir(path.join(run, "path"))).toSorted();
  return {
    model: await bytes(path.join(run, "model", "weights.bin")),
    newest,
    weights: await bytes(path.join(last, "weights.bin")),
    slots: await bytes(path.join(last, "slots.bin")),
    history: (await (await openRun(run)).history()).map((row) => ({ ...row, seconds: 0 })),
    snapshots,
    path: await Promise.all(
      snapshots.map((name) => bytes(path.join(run, "path", name, "weights.bin"))),
    ),
  };
}

/** Calls back as soon as a training says what it is going to do, right before its first step. */
function begun(child: ChildProcess, then: () => void): void {
  child.stderr?.once("data", then);
}

/**
 * Trains by the command line twice, once undisturbed and once with kills at random moments, and
 * asserts that both end at the same bytes.
 *
 * @param folder holds the dataset, `data`
 * @param words of the training, without `--out`
 */
export async function endsAsUndisturbed(folder: string, words: readonly string[]): Promise<void> {
  const command = ["train", "data", ...words];
  const torn = path.join(folder, "torn");
  let first = 0;
  const whole = await vadi([...command, "--out", "whole"], {
    cwd: folder,
    onStart: (child) => begun(child, () => (first = performance.now())),
  });
  assert.is(whole.code, 0, whole.stderr);
  /** Milliseconds within which the first kill comes. */
  let reach = (performance.now() - first) / 2;
  let kills = 0;
  const moments = randomFractions(20);
  for (let attempt = 0; ; attempt++) {
    const again = kills === 0 ? [...command, "--force"] : ["train", "data", "--resume"];
    const { code, signal, stderr } = await vadi([...again, "--out", torn], {
      cwd: folder,
      onStart(child) {
        // Each attempt gets twice as long as the one before, so that the last one ends.
        begun(child, () => {
          void sleep(moments[attempt]! * reach * 2 ** kills).then(() => child.kill("SIGKILL"));
        });
      },
    });
    if (code !== 0) {
      assert.is(signal, "SIGKILL", stderr);
      kills++;
    } else if (kills > 0) break;
    else {
      assert.ok(attempt < 10, "it ends before it can be killed");
      reach /= 2;
    }
  }
  const ended = await contentOf(torn);
  assert.equal(ended, await contentOf(path.join(folder, "whole")));
  const { record } = await openRun(torn);
  assert.is(record.status, "done");
  const { logEvery } = record.options;
  const { steps } = record.result!;
  const logged = Array.from({ length: steps }, (_, at) => at + 1).filter(
    (step) => step === 1 || step === steps || step % logEvery === 0,
  );
  assert.equal(
    (ended["history"] as { step: number }[]).map(({ step }) => step),
    logged,
    "no step twice and none missing",
  );
}
