import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { inFolder, main, vadi } from "./vadi.js";
import { assert, test } from "../helpers/test.js";

interface Line {
  task: number;
  status: string;
}

/** Runs a command line of a shell, where `vadi` is the built one. */
function shell(line: string, cwd: string, env: Record<string, string> = {}): string {
  const { stdout, stderr, status } = spawnSync(
    "bash",
    ["-c", `set -eo pipefail; vadi() { "${process.execPath}" "${main}" "$@"; }; ${line}`],
    { cwd, encoding: "utf8", env: { ...process.env, ...env } },
  );
  assert.is(status, 0, `${line}: ${stderr}`);
  return stdout;
}

test("a job array: vadi plan --task K | vadi task, then vadi join", async () => {
  await inFolder(async (cwd) => {
    const words = "generate lsm --rows 40k --shard-rows 10k --out data --tasks 3";
    const lines = shell(`vadi plan ${words}`, cwd).trim().split("\n");
    assert.equal(
      lines.map((line) => (JSON.parse(line) as Line).task),
      [0, 1, 2],
    );
    for (const index of ["0", "1"]) {
      const variables = { SLURM_ARRAY_TASK_ID: index, JOB_COMPLETION_INDEX: index };
      const line = `vadi plan ${words} --task $SLURM_ARRAY_TASK_ID | vadi task --quiet`;
      const { status, task } = JSON.parse(shell(line, cwd, variables)) as Line;
      assert.equal([status, String(task)], ["done", index]);
    }
    // The third, as a line of the plan and by its number.
    shell(`vadi plan ${words} | sed -n 3p | vadi task`, cwd);
    await writeFile(path.join(cwd, "plan.jsonl"), `${lines.join("\n")}\n`);
    const again = shell("vadi task --plan plan.jsonl --index 2", cwd);
    assert.match(again, /"earlier":true/);
    assert.is(shell(`vadi plan ${words} --resume`, cwd), "");

    shell(
      "vadi join data.parts --out data && vadi generate lsm --rows 40k --shard-rows 10k --out whole",
      cwd,
    );
    const [joined, whole] = await Promise.all(
      ["data", "whole"].map((name) => readFile(path.join(cwd, name, "SHA256SUMS"), "utf8")),
    );
    assert.is(joined, whole);

    const verified =
      "vadi plan verify data --parts verify --tasks 2 | vadi task; vadi merge verify --json";
    assert.match(shell(verified, cwd), /"ok": true/);
  });
});

test("a task that fails is a line and exit code 1", async () => {
  await inFolder(async (cwd) => {
    await writeFile(path.join(cwd, "plan.jsonl"), '{"kind":"verify","task":1}\n');
    const { code, stdout, stderr } = await vadi(["task", "--plan", "plan.jsonl"], { cwd });
    assert.is(code, 1);
    assert.match(stderr, /^Task 1 failed: Line 1: "tasks" is wrong/);
    assert.match(
      stdout,
      /^{"task":1,"kind":"verify","status":"failed","line":1,"error":"Line 1: [^\n]+}\n$/,
    );
  });
});

test("what cannot be planned or done says so", async () => {
  await inFolder(async (cwd) => {
    const generate = "plan generate lsm --rows 40k --shard-rows 10k".split(" ");
    for (const [words, exit, says] of [
      [generate, 2, /^The tasks need a folder .*--parts, or name the final folder with --out/],
      [
        [...generate, "--out", "x", "--points", "3"],
        2,
        /^--points is not an option of vadi plan generate/,
      ],
      [
        [...generate, "--out", "x", "--task", "4"],
        1,
        /^--task is 4, but the plan has the tasks 0 to 3/,
      ],
      [
        [...generate, "--out", "x", "--stage", "first-maximum"],
        2,
        /^--stage first-maximum is for two-/,
      ],
      [
        ["plan", "generate", "sine", "--out", "x"],
        2,
        /^The dataset's kind must be lsm or two-layer/,
      ],
      [["plan", "verify", "x", "--parts", "p"], 1, /^There is no .*x/],
      [["task", "--plan", "none.jsonl"], 1, /^Could not read none.jsonl/],
      [["merge", "x"], 2, /^vadi merge needs --out/],
    ] as const) {
      const { code, stdout, stderr } = await vadi(words, { cwd });
      assert.is(code, exit, `${words.join(" ")}: ${stderr}`);
      assert.is(stdout, "");
      assert.match(stderr, says);
    }
  });
});

test.run();
