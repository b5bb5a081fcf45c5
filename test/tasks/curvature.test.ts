import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { inFolder } from "../helpers/folder.js";
import { messageOf } from "../helpers/message-of.js";
import {
  curvature,
  discardTasks,
  mergeTasks,
  openDataset,
  planTasks,
  train,
  type TaskJob,
} from "../../src/index.js";
import { writeDataset } from "../../src/storage/index.js";
import { assertSameFiles, runJob } from "./job.js";

test(
  "a curvature whose passes are divided among tasks has the bytes of one machine",
  inFolder(async (folder) => {
    const at = (name: string): string => path.join(folder, name);
    // Two groups of rows, the first of which ends within a batch.
    await writeDataset({ kind: "lsm", rows: 640_000, features: 3, out: at("data") });
    const data = await openDataset(at("data"));
    const shape = { model: "mlp:3", epochs: 0, batchSize: 10_000 } as const;
    const run = await train(data, { ...shape, out: at("run") });
    const batches = [...Array.from({ length: 54 }, (_, batch) => batch), 60, 63];
    const fixed = { vectors: 1, probes: 2, products: 4, method: "products" } as const;
    const options = { ...fixed, batches, perBatch: true, kinks: 0.01 };
    const whole = await curvature(run, { ...options, out: at("whole"), workers: 1 });

    const out = at("joined");
    const job: TaskJob = { job: "curvature", run: run.dir, ...options, out };
    const first = await planTasks(job, { tasks: 5 });
    assert.equal(
      first.map((task) => task.kind === "products" && task.groups),
      ["0", "1"],
    );
    assert.equal(await planTasks(job, { tasks: 5 }), first);
    let rounds = 0;
    while ((await runJob(job, { tasks: 5, resume: true })).length > 0) {
      rounds++;
      if (rounds === 1) {
        assert.match(
          await messageOf(mergeTasks(`${out}.parts`, { out })),
          /no results|Could not read|lacks/,
        );
        assert.match(
          await messageOf(planTasks({ ...job, vectors: 2 }, { tasks: 5 })),
          /curvature of another vectors; .* name another folder with parts/,
        );
      }
    }
    assert.is(rounds, whole.record.passes + 2);
    assert.ok(whole.record.kinks!.every(({ switches }) => switches > 0));
    const merged = await mergeTasks(`${out}.parts`, { out });
    assert.ok(merged.job === "curvature");
    await assertSameFiles(out, whole.dir, [
      "eigenpairs.parquet",
      "batches.parquet",
      ...["1", "-1"].map((direction) => `directions/${direction}/weights.bin`),
    ]);
    const { command: _command, seconds: _seconds, ...record } = merged.curvature.record;
    const { command, seconds, ...alone } = whole.record;
    assert.equal(record, alone);
    assert.ok(command !== "" && seconds > 0);

    await discardTasks(`${out}.parts`);
    assert.not.ok(existsSync(`${out}.parts`));
    assert.ok((await readdir(out)).includes("curvature.json"));
    assert.ok((await readFile(path.join(out, "curvature.json"), "utf8")).includes("least"));
  }),
);

test.run();
