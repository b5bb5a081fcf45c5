import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { main, vadi } from "../cli/vadi.js";
import { inFolder } from "../helpers/folder.js";
import { randomFractions } from "../helpers/seed.js";
import { assert, test } from "../helpers/test.js";
import { assertSameFiles } from "./job.js";

/** Does all tasks of a plan in a process of its own, which is killed at some moment. Resolves to its exit code. */
function attempt(cwd: string, name: string, moment?: Promise<unknown>): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [main, "task", "--plan", "plan.jsonl", "--workers", "1", "--quiet"],
    { cwd, stdio: ["ignore", "pipe", "inherit"] },
  );
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      for (const line of stdout.split("\n").slice(0, -1)) {
        assert.is((JSON.parse(line) as { status: string }).status, "done", `${name}: ${line}`);
      }
      resolve(code);
    });
  });
  void moment?.then(() => child.kill("SIGKILL"));
  return ended;
}

test(
  "attempts that overlap and are killed at random moments join to the bytes of one machine",
  inFolder(async (folder) => {
    const words = "generate lsm --rows 200k --shard-rows 10k --format parquet".split(" ");
    const run = async (...given: string[]): Promise<string> => {
      const { code, stdout, stderr } = await vadi(given, { cwd: folder });
      assert.is(code, 0, stderr);
      return stdout;
    };
    await run(...words, "--out", "whole", "--quiet");
    const plan = await run("plan", ...words, "--out", "data", "--tasks", "6");
    await writeFile(path.join(folder, "plan.jsonl"), plan);
    const parts = path.join(folder, "data.parts");
    const begun = async (): Promise<void> => {
      while ((await readdir(parts).catch(() => [])).length === 0) await sleep(2);
    };
    const moments = randomFractions(8);
    let killed = 0;
    for (const [at, moment] of moments.entries()) {
      // Two attempts of the same tasks at once: first killed as soon as they write, then each at its own moment.
      const [one, other] =
        at === 0
          ? [begun(), begun()]
          : [moment, moments.at(-1 - at)!].map((part) => sleep(150 + 600 * part));
      const codes = await Promise.all([
        attempt(folder, `first ${at}`, one),
        attempt(folder, `second ${at}`, other),
      ]);
      killed += codes.filter((code) => code === null).length;
      if (codes.includes(0)) break;
    }
    assert.ok(killed > 0, "none was killed");
    assert.equal(
      await Promise.all([attempt(folder, "last"), attempt(folder, "beside it")]),
      [0, 0],
    );
    const entries = await readdir(parts);
    assert.is(entries.filter((name) => name.endsWith(".json")).length, 6);
    // What a result names is whole; what killed attempts left is named by none.
    for (const name of entries.filter((entry) => entry.endsWith(".json"))) {
      const { folder: chosen } = JSON.parse(await readFile(path.join(parts, name), "utf8")) as {
        folder: string;
      };
      assert.ok(entries.includes(chosen), chosen);
    }
    await run("join", "data.parts", "--out", "data", "--quiet");
    await assertSameFiles(path.join(folder, "data"), path.join(folder, "whole"), [
      "SHA256SUMS",
      "manifest.json",
    ]);
    await run("verify", "data", "--quiet");
  }),
);

test.run();
