import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { startS3Server } from "../helpers/s3-server.js";
import { messageOf } from "../helpers/message-of.js";
import { assert, test } from "../helpers/test.js";
import {
  discardTasks,
  evaluate,
  mergeTasks,
  openDataset,
  planTasks,
  runTask,
  train,
} from "../../src/index.js";
import { listObjects, putObject, readObject, writeDataset } from "../../src/storage/index.js";
import { runJob } from "./job.js";

test("jobs whose results lie in a bucket: overlapping attempts, and the bytes of one machine", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-tasks-"));
  let close: (() => void) | undefined;
  try {
    const server = await startS3Server(folder);
    ({ close } = server);
    process.env["XDG_CACHE_HOME"] = path.join(folder, "cache");
    const client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true });
    const bucket = `vadi-tasks-${process.pid}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();

    const spec = { kind: "two-layer-sigmoid", rows: 2300, shardRows: 500, features: 3 } as const;
    const whole = path.join(folder, "whole");
    await writeDataset({ ...spec, out: whole });
    const out = `s3://${bucket}/data`;
    const parts = `${out}.parts`;
    const job = { job: "generate", ...spec, out } as const;
    await runJob(job, { tasks: 2, stage: "first-maximum" });
    await runJob(job, { tasks: 2, stage: "second-maximum" });
    const tasks = await planTasks(job, { tasks: 2 });
    // Three attempts of each at once.
    const results = await Promise.all(
      tasks.flatMap((task) => [1, 2, 3].map(() => runTask(task, { workers: 1 }))),
    );
    assert.is(results.filter(({ earlier }) => earlier === undefined).length, 2);
    for (const [index, { folder: chosen = "" }] of results.entries()) {
      assert.is(chosen, results[index - (index % 3)]!.folder);
      assert.ok((await listObjects({ folder: `${parts}/${chosen}` }))!.length >= 2);
    }
    await mergeTasks(parts, { out });
    for (const name of ["SHA256SUMS", "manifest.json"]) {
      const there = Buffer.from((await readObject(out, name, 2 ** 20))!);
      assert.ok(there.equals(await readFile(path.join(whole, name))), name);
    }

    await runJob({ job: "verify", dataset: out }, { parts: `s3://${bucket}/verify`, tasks: 2 });
    const verified = await mergeTasks(`s3://${bucket}/verify`);
    assert.is(verified.job === "verify" && verified.verification.ok, true);

    const data = await openDataset(out);
    const run = await train(data, { out: path.join(folder, "run"), batchSize: 100 });
    const measured = { parts: `s3://${bucket}/evaluate`, tasks: 3 };
    await runJob({ job: "evaluate", run: run.dir, dataset: out }, measured);
    const merged = await mergeTasks(measured.parts);
    assert.ok(merged.job === "evaluate");
    assert.equal(merged.evaluation, await evaluate(run, data));

    // Also what a killed attempt has left; nothing of others.
    const at = { metadata: {}, ifAbsent: true } as const;
    await putObject({
      ...at,
      folder: `${parts}/generate-00001.killed`,
      name: "x",
      content: { text: "" },
    });
    await putObject({ ...at, folder: parts, name: "notes/mine", content: { text: "" } });
    await discardTasks(parts);
    assert.equal(await listObjects({ folder: parts, isDeep: true }), ["notes/mine"]);
    assert.ok((await listObjects({ folder: out }))!.includes("manifest.json"));

    const landscape = { job: "landscape", run: run.dir, out } as const;
    assert.match(await messageOf(planTasks(landscape)), /must be a folder on disk/);
  } finally {
    close?.();
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
