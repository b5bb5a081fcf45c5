import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { inFolder } from "../helpers/folder.js";
import { messageOf } from "../helpers/message-of.js";
import {
  discardTasks,
  mergeTasks,
  planTasks,
  runTask,
  runTasks,
  type TaskLine,
} from "../../src/index.js";
import { runJob } from "./job.js";

const job = { job: "generate", kind: "lsm", rows: 2000, shardRows: 500, features: 2 } as const;

async function linesOf(lines: readonly string[]): Promise<TaskLine[]> {
  const results: TaskLine[] = [];
  for await (const result of runTasks(lines)) results.push(result);
  return results;
}

test(
  "lines that are not tasks name the line and the field, and the others are done",
  inFolder(async (parts) => {
    const [good] = await planTasks(job, { parts, tasks: 1 });
    const wrong = (change: object): string => JSON.stringify({ ...good, task: 7, ...change });
    const results = await linesOf([
      "{",
      "",
      JSON.stringify(good),
      wrong({ kind: "train" }),
      wrong({ shards: "a" }),
      wrong({ spec: { ...good!.spec, rows: 0.5 } }),
      wrong({ spec: { kind: "lsm", out: "/elsewhere" } }),
      wrong({ attempt: "../../x" }),
      wrong({ shards: "2-9" }),
      "[]",
    ]);
    assert.equal(
      results.map(({ task, status }) => [task, status]),
      [
        [null, "failed"],
        [0, "done"],
        ...Array.from({ length: 6 }, () => [7, "failed"]),
        [null, "failed"],
      ],
    );
    const errors = results.map((line) => (line.status === "failed" ? line.error : ""));
    for (const [at, says] of [
      [0, /^Line 1: it is not valid JSON/],
      [2, /^Line 4: "kind" is wrong: must be first-maximum, /],
      [3, /^Line 5: "shards" is wrong: must be a range or a list/],
      [4, /^Line 6: "spec.rows" is wrong: must be a whole number from 1/],
      [5, /^Line 7: "spec" is wrong: Unrecognized key: "out"/],
      [6, /^Line 8: "attempt" is wrong/],
      [7, /^shards names shard 9, but the dataset has the shards 0 to 3/],
      [8, /^Line 10: it is not a task/],
    ] as const) {
      assert.match(errors[at]!, says);
    }
    // Nothing is left of the attempt that failed.
    assert.equal(
      (await readdir(parts)).map((name) => name.replace(/\.[0-9a-f]{12}$/, ".ATTEMPT")).toSorted(),
      ["generate-00000.ATTEMPT", "generate-00000.json"],
    );
  }),
);

test(
  "a task that is done is not done again; of several attempts at once one counts",
  inFolder(async (parts) => {
    const [task, ...others] = await planTasks(job, { parts, tasks: 4 });
    const results = await Promise.all(
      ["0", "1", "2"].map((attempt) => runTask({ ...task!, attempt })),
    );
    assert.is(results.filter(({ earlier }) => earlier === undefined).length, 1);
    assert.is(new Set(results.map(({ folder }) => folder)).size, 1);
    assert.equal(
      (await readdir(parts)).toSorted(),
      ["generate-00000.json", results[0]!.folder!].toSorted(),
    );
    assert.is((await runTask({ ...task!, attempt: "9" })).earlier, true);

    const left = await planTasks(job, { parts, tasks: 4, resume: true });
    assert.equal(left, others);
    await runTask(others[2]!);
    assert.match(
      await messageOf(mergeTasks(parts, { out: path.join(parts, "out") })),
      /lacks the results of the generate tasks 1-2 of 4/,
    );
  }),
);

test(
  "results of another job, another version or another name are refused",
  inFolder(async (parts) => {
    await runJob(job, { parts, tasks: 2 });
    const [other] = await planTasks({ ...job, seed: 1 }, { parts, tasks: 2 });
    assert.match(await messageOf(runTask(other!)), /is the result of another job's task 0/);

    const file = path.join(parts, "generate-00001.json");
    const text = await readFile(file, "utf8");
    const out = path.join(parts, "out");
    await writeFile(file, text.replace('"seed":42', '"seed":43'));
    assert.match(await messageOf(mergeTasks(parts, { out })), /results of different jobs/);
    await writeFile(file, text.replace(/"version":"[^"]+"/, '"version":"0.0.1"'));
    assert.match(await messageOf(mergeTasks(parts, { out })), /was made by vadi 0\.0\.1/);
    await writeFile(file, text.replace(/"folder":"[^"]+"/, '"folder":"../x"'));
    assert.match(await messageOf(mergeTasks(parts, { out })), /not the result of a task: folder/);
    await writeFile(file, text);
    await rename(file, path.join(parts, "generate-00000.json"));
    assert.match(await messageOf(mergeTasks(parts, { out })), /is not the result of the task/);
    await rm(parts, { recursive: true });
    assert.match(await messageOf(mergeTasks(parts, { out })), /Could not read/);
  }),
);

test(
  "an interrupted task leaves nothing",
  inFolder(async (parts) => {
    const [task] = await planTasks({ ...job, rows: 400_000 }, { parts, tasks: 1 });
    const controller = new AbortController();
    const error = await messageOf(
      runTask(task!, {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      }),
    );
    assert.match(error, /interrupted/i);
    assert.equal(await readdir(parts), []);
  }),
);

test(
  "results of tasks are removed with what killed attempts have left, and files of others stay",
  inFolder(async (folder) => {
    const parts = path.join(folder, "parts");
    await runJob(job, { parts, tasks: 2 });
    await writeFile(path.join(parts, "generate-00001.0-abc.json.tmp"), "");
    await writeFile(path.join(parts, "generate.txt"), "");
    await discardTasks(parts);
    assert.equal(await readdir(parts), ["generate.txt"]);
    await rm(path.join(parts, "generate.txt"));
    await discardTasks(parts);
    assert.not.ok(existsSync(parts));
    await discardTasks(parts);
  }),
);

test.run();
