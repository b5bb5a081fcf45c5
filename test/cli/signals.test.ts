import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assert, test } from "../helpers/test.js";
import { inFolder, main, vadi, type Outcome } from "./vadi.js";

/** Waits until something holds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error("waited for too long");
}

/** Starts training that would take hours, and calls `act` once it has taken its first steps. */
async function trainForHours(
  cwd: string,
  act: (kill: (signal: NodeJS.Signals) => void) => Promise<void>,
): Promise<Outcome> {
  await vadi(["generate", "lsm", "--out", "data", "--rows", "20k"], { cwd });
  const words = ["train", "data", "--out", "run", "--epochs", "1M", "--batch-size", "100"];
  const history = path.join(cwd, "run/history.jsonl");
  const steps = async (): Promise<boolean> =>
    existsSync(history) && (await readFile(history, "utf8")).length > 0;
  let acting: Promise<void> | undefined;
  const outcome = await vadi([...words, "--log-every", "1000", "--json"], {
    cwd,
    onStart: (child) => {
      const ended = (): boolean => child.exitCode !== null;
      const began = until(async () => ended() || (await steps()));
      acting = began.then(() => act((signal) => child.kill(signal)));
    },
  });
  await acting;
  return outcome;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends with exit code 130`, async () => {
    await inFolder(async (cwd) => {
      const { code, stdout, stderr } = await trainForHours(cwd, async (kill) => kill(signal));
      assert.is(code, 130, stderr);
      assert.is(stdout, "");
      assert.match(stderr, "Stopping; interrupt again to stop at once.\n");
      const record = JSON.parse(await readFile(path.join(cwd, "run/run.json"), "utf8")) as {
        status: string;
      };
      assert.is(record.status, "stopped");
      const [, step = "", again = ""] =
        /interrupted after step (\d+) of \d+; resume it with vadi (.*)\.\n$/.exec(stderr) ?? [];
      assert.ok(Number(step) > 0, stderr);
      assert.equal(await readdir(path.join(cwd, "run/checkpoints")), [`step-${step}`]);
      // The sentence is one that goes on: a kill later, it does not begin anew.
      const resumed = await vadi([...again.split(" "), "--json"], {
        cwd,
        onStart: (child) => void child.stderr?.once("data", () => child.kill(signal)),
      });
      assert.is(resumed.code, 130, resumed.stderr);
      const [, later = ""] = /interrupted after step (\d+)/.exec(resumed.stderr) ?? [];
      assert.ok(Number(later) >= Number(step), resumed.stderr);
    });
  });
}

test("a second signal leaves at once", async () => {
  await inFolder(async (cwd) => {
    const { code, signal } = await trainForHours(cwd, async (kill) => {
      kill("SIGINT");
      kill("SIGTERM");
    });
    assert.is(code, 130);
    assert.is(signal, null);
  });
});

test("a reader that has seen enough is no error", async () => {
  await inFolder(async (cwd) => {
    await vadi(["generate", "lsm", "--out", "data", "--rows", "100k"], { cwd });
    const words = ["inspect", "data", "--rows", "100k", "--json"];
    const child = spawn(process.execPath, [main, ...words], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.is(code, 0, stderr);
    assert.is(stderr, "");
  });
});

test("nobody listening at all is no error either", async () => {
  await inFolder(async (cwd) => {
    const child = spawn(process.execPath, [main, "generate", "lsm", "--out", "data"], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    child.stderr.destroy();
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.is(code, 0);
    assert.ok(existsSync(path.join(cwd, "data/manifest.json")));
  });
});

test.run();
