import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assert, test } from "../helpers/test.js";
import { inFolder, vadi } from "./vadi.js";

/** A dataset of 20 batches of 1000 rows and an untrained network, in `data` and `run`. */
async function prepare(cwd: string): Promise<void> {
  await vadi(["generate", "lsm", "--out", "data", "--rows", "20k"], { cwd });
  const words = ["train", "data", "--model", "mlp", "--batch-size", "1000", "--out", "run"];
  const { code, stderr } = await vadi([...words, "--epochs", "0"], { cwd });
  assert.is(code, 0, stderr);
}

async function sameTables(cwd: string, one: string, other: string): Promise<void> {
  for (const file of ["slices.parquet", "summary.parquet"]) {
    const [first, second] = await Promise.all(
      [one, other].map((folder) => readFile(path.join(cwd, folder, file))),
    );
    assert.ok(first!.equals(second!), file);
  }
}

test("parts are merged to the landscape made whole, in any order; parts that do not fit are refused", async () => {
  await inFolder(async (cwd) => {
    await prepare(cwd);
    const slice = (batches: string, out: string, ...more: string[]) =>
      vadi(["landscape", "run", "--points", "11", "--batches", batches, "--out", out, ...more], {
        cwd,
      });
    const made = await Promise.all([
      slice("all", "whole"),
      slice("0-8", "one"),
      slice("9-19", "two"),
      slice("9-19", "three", "--seed", "7"),
    ]);
    for (const { code, stderr } of made) assert.is(code, 0, stderr);
    const merged = await vadi(["merge", "two", "one", "--out", "merged", "--json"], { cwd });
    assert.is(merged.code, 0, merged.stderr);
    const told = JSON.parse(merged.stdout) as Record<string, unknown>;
    assert.equal([told["out"], told["points"], told["batches"]], ["merged", 11, 20]);
    assert.is(told["rows"], 20_000);
    await sameTables(cwd, "whole", "merged");

    const twice = await vadi(["merge", "one", "whole", "--out", "none"], { cwd });
    assert.is(twice.code, 2);
    assert.match(twice.stderr, /^Batch 0 is both in .*one and in .*whole/);
    const unlike = await vadi(["merge", "one", "three", "--out", "none"], { cwd });
    assert.is(unlike.code, 2);
    assert.match(unlike.stderr, /differ in (seed|direction 1)/);
    assert.not.ok(existsSync(path.join(cwd, "none")));
    const taken = await vadi(["merge", "one", "two", "--out", "whole"], { cwd });
    assert.is(taken.code, 2);
    assert.match(taken.stderr, "--force");
  });
});

test("Ctrl-C ends a landscape with exit code 130, and --resume goes on with it to the same bytes", async () => {
  await inFolder(async (cwd) => {
    await prepare(cwd);
    // About a second of work, so that the signal comes in the middle of it.
    const words = ["landscape", "run", "--batches", "all", "--points", "101x21", "--plane"];
    const options = [...words, "--workers", "1", "--out"];
    const log = path.join(cwd, "stopped/.partial/losses.bin");
    const stopped = await vadi([...options, "stopped", "--json"], {
      cwd,
      onStart: (child) => {
        void (async () => {
          while (child.exitCode === null) {
            const bytes = await readFile(log).catch(() => undefined);
            if (bytes !== undefined && bytes.length > 0) break;
            await sleep(20);
          }
          child.kill("SIGINT");
        })();
      },
    });
    assert.is(stopped.code, 130, stopped.stderr);
    assert.is(stopped.stdout, "");
    assert.match(stopped.stderr, /interrupted after \d+ of 20 batches.*--resume/);
    assert.not.ok(existsSync(path.join(cwd, "stopped/landscape.json")));
    const refused = await vadi([...options, "stopped"], { cwd });
    assert.is(refused.code, 2);
    assert.match(refused.stderr, "--resume");
    const resumed = await vadi([...options, "stopped", "--resume"], { cwd });
    assert.is(resumed.code, 0, resumed.stderr);
    const whole = await vadi([...options, "whole"], { cwd });
    assert.is(whole.code, 0, whole.stderr);
    await sameTables(cwd, "whole", "stopped");
  });
});

test.run();
