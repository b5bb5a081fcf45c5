import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import {
  convert,
  joinDatasets,
  verifyDataset,
  writeDataset,
  writePart,
  writeRows,
} from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { vadi } from "../../cli/vadi.js";
import type { Fault } from "../../helpers/fault-proxy.js";
import { assert, test } from "../../helpers/test.js";
import { assertRejects, sumsOf } from "../folders.js";
import { bucketTests } from "./bucket.js";

/* Datasets written to a bucket of a real server, through a proxy that makes connections fail. */

const { ready, namesOf, textOf } = bucketTests("vadi-write", test);

const SMALL = { kind: "lsm", rows: 6000, features: 3, shardRows: 500 } as const;
const SHARDS = 12;

test("a dataset with shards in parts has the bytes of a local one, and converts to one", async () => {
  const at = await ready();
  const spec = { kind: "lsm", rows: 400_000, features: 10, shardRows: 250_000 } as const;
  const out = `s3://${at.bucket}/large`;
  const written = await writeDataset({ ...spec, out: `${out}/` });
  assert.is(written.path, out);
  const local = path.join(at.folder, "large");
  await writeDataset({ ...spec, out: local });
  assert.is(await textOf(at, "large/SHA256SUMS"), await sumsOf(local));
  const files = ["SHA256SUMS", "manifest.json", "shard-00000.arrow", "shard-00001.arrow"];
  assert.equal(await namesOf(at, "large"), files);
  assert.ok(
    at.proxy.requests.some((request) => /partNumber=2/.test(request)),
    "in parts",
  );
  const { ok, shards } = await verifyDataset(out);
  assert.ok(ok);
  assert.is(shards.length, 2);
  // Nothing of the work is left on disk.
  assert.equal(await readdir(path.join(at.folder, "cache", "vadi", "writing")), []);
  await assertRejects(
    writeDataset({ ...spec, out }),
    "failed",
    /holds a dataset already; use force/,
  );
  await convert(out, { out: `s3://${at.bucket}/parquet`, format: "parquet" });
  const parquet = path.join(at.folder, "parquet");
  await convert(local, { out: parquet, format: "parquet" });
  assert.is(await textOf(at, "parquet/SHA256SUMS"), await sumsOf(parquet));
});

test("damaged, missing and extra objects are named; with force a dataset is written again", async () => {
  const at = await ready();
  const out = `s3://${at.bucket}/checked`;
  await writeDataset({ ...SMALL, out });
  const put = (name: string): Promise<unknown> =>
    at.client.send(
      new PutObjectCommand({ Bucket: at.bucket, Key: `checked/${name}`, Body: "other" }),
    );
  await put("shard-00004.arrow");
  await put("shard-00099.arrow");
  const { ok, shards } = await verifyDataset(out);
  assert.not(ok);
  assert.equal(
    shards.filter(({ status }) => status !== "ok").map(({ file, status }) => `${file} ${status}`),
    ["shard-00004.arrow damaged", "shard-00099.arrow extra"],
  );
  await assertRejects(verifyDataset(out, { repair: true }), "failed", /repairs nothing/);
  await writeDataset({ ...SMALL, rows: 1000, out, force: true });
  assert.equal(await namesOf(at, "checked"), [
    "SHA256SUMS",
    "manifest.json",
    "shard-00000.arrow",
    "shard-00001.arrow",
  ]);
  assert.ok((await verifyDataset(out)).ok);
});

test("a dataset in a bucket is not removed to be replaced by itself", async () => {
  const at = await ready();
  const out = `s3://${at.bucket}/itself`;
  await writeDataset({ ...SMALL, out });
  const before = await namesOf(at, "itself");
  for (const source of [out, `${out}/`, out.replace("s3:", "S3:")]) {
    await assertRejects(
      convert(source, { out, force: true, format: "parquet" }),
      "usage",
      /itself is what is converted, and force would remove it first; choose another out/,
    );
  }
  assert.equal(await namesOf(at, "itself"), before);
});

test("a killed writer leaves nothing that looks whole, and another machine resumes", async () => {
  const at = await ready();
  const url = `s3://${at.bucket}/killed`;
  const words = ["generate", "lsm", "--rows", "6000", "--features", "3", "--shard-rows", "500"];
  words.push("--workers", "1", "--out", url);
  const home = (name: string): Record<string, string> => ({
    XDG_CACHE_HOME: path.join(at.folder, name),
  });
  let puts = 0;
  const killed = await vadi(words, {
    env: home("first"),
    onStart(child) {
      at.proxy.faultOf = (request) => {
        if (/^PUT .*shard-/.test(request) && ++puts === 6) child.kill("SIGKILL");
        return undefined;
      };
    },
  });
  assert.is(killed.signal, "SIGKILL");
  at.proxy.faultOf = () => undefined;
  const left = await namesOf(at, "killed");
  assert.ok(left.includes(".progress.jsonl") && !left.includes("manifest.json"), left.join());
  const kept = left.filter((name) => name.startsWith("shard-"));
  assert.ok(kept.length >= 3 && kept.length < SHARDS, kept.join());
  await assertRejects(
    openDataset(url),
    "failed",
    /killed holds a dataset that is not finished; .*resume/,
  );
  const head = new HeadObjectCommand({ Bucket: at.bucket, Key: `killed/${kept[0]}` });
  const { LastModified: before } = await at.client.send(head);
  const again = await vadi(words, { env: home("second") });
  assert.is(again.code, 1);
  assert.match(again.stderr, /holds a dataset that is not finished; use --resume/);
  const other = await vadi([...words, "--seed", "1", "--resume"], { env: home("second") });
  assert.match(other.stderr, /killed holds an unfinished dataset of another source/);
  // A shard that was under way when its writer was killed may have arrived meanwhile.
  const there = (await namesOf(at, "killed")).filter((name) => name.startsWith("shard-"));
  const first = at.proxy.requests.length;
  const resumed = await vadi([...words, "--resume"], { env: home("second") });
  assert.is(resumed.code, 0, resumed.stderr);
  const sent = at.proxy.requests.slice(first).filter((name) => /^PUT .*shard-/.test(name));
  assert.is(sent.length, SHARDS - there.length);
  assert.equal((await at.client.send(head)).LastModified, before);
  const local = path.join(at.folder, "killed");
  await writeDataset({ ...SMALL, out: local });
  assert.is(await textOf(at, "killed/SHA256SUMS"), await sumsOf(local));
  assert.not((await namesOf(at, "killed")).includes(".progress.jsonl"));
  assert.ok((await verifyDataset(url)).ok);
});

test("of two writers one is told", async () => {
  const at = await ready();
  for (const [name, seeds] of [
    ["alike", [42, 42]],
    ["unlike", [1, 2]],
  ] as const) {
    const url = `s3://${at.bucket}/${name}`;
    const outcomes = await Promise.all(
      seeds.map((seed, index) => {
        const words = ["generate", "lsm", "--rows", "6000", "--features", "3"];
        words.push("--shard-rows", "500", "--seed", `${seed}`, "--out", url);
        return vadi(words, { env: { XDG_CACHE_HOME: path.join(at.folder, `${name}-${index}`) } });
      }),
    );
    const told = outcomes.filter(({ code }) => code === 1);
    assert.is(told.length, 1, outcomes.map(({ stderr }) => stderr).join());
    assert.match(
      told[0]!.stderr,
      /Another job (?:has completed|writes to)|holds a dataset (?:already|that is not finished)/,
    );
    assert.ok((await verifyDataset(url)).ok, name);
  }
});

test("an interrupted upload leaves no parts behind", async () => {
  const at = await ready();
  const out = `s3://${at.bucket}/interrupted`;
  const controller = new AbortController();
  at.proxy.faultOf = (request): Fault | undefined => {
    if (!/partNumber=2/.test(request)) return undefined;
    controller.abort();
    return "stall";
  };
  const spec = { kind: "lsm", rows: 250_000, features: 10, out } as const;
  await assertRejects(
    writeDataset(spec, { signal: controller.signal }),
    "interrupted",
    /finished shards stay in s3:.*; continue with the same options and resume/,
  );
  const command = new ListMultipartUploadsCommand({ Bucket: at.bucket });
  assert.is((await at.client.send(command)).Uploads?.length ?? 0, 0);
  assert.equal(await namesOf(at, "interrupted"), [".progress.jsonl"]);
});

test("over resets, refusals and truncated answers the same bytes are written", async () => {
  const at = await ready();
  const faults: (Fault | undefined)[] = ["reset", 500, 503, "truncate", undefined];
  let count = 0;
  at.proxy.faultOf = () => faults[count++ % faults.length];
  const out = `s3://${at.bucket}/faults`;
  await writeDataset({ ...SMALL, rows: 2000, out });
  at.proxy.faultOf = () => undefined;
  assert.ok(count > 20);
  const local = path.join(at.folder, "faults");
  await writeDataset({ ...SMALL, rows: 2000, out: local });
  assert.is(await textOf(at, "faults/SHA256SUMS"), await sumsOf(local));
  assert.ok((await verifyDataset(out)).ok);
});

test("parts in buckets and on disk join in either, with the bytes of one machine", async () => {
  const at = await ready();
  const spec = { kind: "two-layer-sigmoid", rows: 5000, features: 3, shardRows: 1000 } as const;
  const first = `s3://${at.bucket}/part-1`;
  await writePart({ ...spec, out: first, shards: "0-2" });
  const second = path.join(at.folder, "part-2");
  await writePart({ ...spec, out: second, shards: "3-4", maxima: first });
  const whole = path.join(at.folder, "whole");
  await writeDataset({ ...spec, out: whole });
  const url = `s3://${at.bucket}/joined`;
  await joinDatasets([second, first], url);
  assert.is(await textOf(at, "joined/SHA256SUMS"), await sumsOf(whole));
  assert.ok((await verifyDataset(url)).ok);
  const local = path.join(at.folder, "joined");
  await joinDatasets([first, second], local);
  assert.is(await sumsOf(local), await sumsOf(whole));
  await assertRejects(joinDatasets([first, second], url), "failed", /holds a finished dataset/);
});

test("a program's rows and a query's go to a bucket, and are resumed there", async () => {
  const at = await ready();
  const rows = Array.from({ length: 3000 }, (_, row) => ({ a: row, b: row % 7, y: 2 * row }));
  const given = { target: "y", shardRows: 500 };
  const local = path.join(at.folder, "rows");
  await writeRows(rows, { ...given, out: local });
  const out = `s3://${at.bucket}/rows`;
  const controller = new AbortController();
  let puts = 0;
  at.proxy.faultOf = (request) => {
    if (/^PUT .*shard-/.test(request) && ++puts === 3) controller.abort();
    return undefined;
  };
  const { signal } = controller;
  await assertRejects(writeRows(rows, { ...given, out, signal }), "interrupted", /Interrupted/);
  at.proxy.faultOf = () => undefined;
  assert.ok((await namesOf(at, "rows")).includes(".progress.jsonl"));
  await writeRows(rows, { ...given, out, resume: true });
  assert.is(await textOf(at, "rows/SHA256SUMS"), await sumsOf(local));
  const csv = path.join(at.folder, "rows.csv");
  const lines = rows.map(({ a, b, y }) => `${a},${b},${y}`);
  await writeFile(csv, ["a,b,y", ...lines, ""].join("\n"));
  await convert(csv, { out: `s3://${at.bucket}/query`, target: "y", shardRows: 500 });
  assert.ok((await verifyDataset(`s3://${at.bucket}/query`)).ok);
});

test.run();
