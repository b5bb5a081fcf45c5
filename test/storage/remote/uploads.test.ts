import { readdir, utimes } from "node:fs/promises";
import path from "node:path";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { discardTasks } from "../../../src/tasks/index.js";
import { verifyDataset, writeDataset } from "../../../src/storage/index.js";
import { vadi } from "../../cli/vadi.js";
import { assert, test } from "../../helpers/test.js";
import { sumsOf } from "../folders.js";
import { bucketTests, type Setting } from "./bucket.js";

/* Uploads in parts whose writer is killed, whose answer is lost, or which another job ends. */

const { ready, namesOf, textOf } = bucketTests("vadi-uploads", test);

/** One shard of two parts. */
const SPEC = { kind: "lsm", rows: 250_000, features: 10 } as const;
const WORDS = ["generate", "lsm", "--rows", "250000", "--workers", "1", "--quiet", "--out"];

/** The keys of the unfinished uploads whose keys begin with a prefix. */
async function uploadsIn({ client, bucket }: Setting, prefix: string): Promise<string[]> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  const keys = Uploads.map(({ Key = "" }) => Key);
  return keys.filter((key) => key.startsWith(prefix)).toSorted();
}

/** Begins an upload as a program does that is not vadi, or a writer that lives. */
async function begin({ client, bucket }: Setting, Key: string): Promise<void> {
  const at = { Bucket: bucket, Key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const part = new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "some bytes" });
  await client.send(part);
}

/** Kills a writer after the first part of a shard. */
async function kill(at: Setting, url: string): Promise<void> {
  const killed = await vadi([...WORDS, url], {
    env: { XDG_CACHE_HOME: path.join(at.folder, "killed") },
    onStart(child) {
      at.proxy.faultOf = (request) => {
        if (!/partNumber=2/.test(request)) return undefined;
        child.kill("SIGKILL");
        return "reset";
      };
    },
  });
  at.proxy.faultOf = () => undefined;
  assert.is(killed.signal, "SIGKILL");
}

for (const choice of ["--resume", "--force"]) {
  test(`the parts of a killed writer are gone after ${choice}, those of others stay`, async () => {
    const at = await ready();
    const prefix = choice.slice(2);
    const url = `s3://${at.bucket}/${prefix}`;
    await kill(at, url);
    assert.equal(await uploadsIn(at, prefix), [`${prefix}/shard-00000.arrow`]);
    const others = [`${prefix}/notes.bin`, `${prefix}/shard-00000.arrow.bak`, `${prefix}2/x.bin`];
    others.push(`${prefix}/shard-a/shard-00000.arrow`);
    for (const key of others) await begin(at, key);
    const again = await vadi([...WORDS, url, choice]);
    assert.is(again.code, 0, again.stderr);
    assert.equal(await uploadsIn(at, prefix), others.toSorted());
    const local = path.join(at.folder, prefix);
    await writeDataset({ ...SPEC, out: local });
    assert.is(await textOf(at, `${prefix}/SHA256SUMS`), await sumsOf(local));
    assert.ok((await verifyDataset(url)).ok);
  });
}

test("while a job writes, uploads of the last hour stay, since their writer may live", async () => {
  const at = await ready();
  const key = "young/shard-00007.arrow";
  const during = async (): Promise<string[]> => {
    let seen: string[] | undefined;
    at.proxy.faultOf = (request) => {
      if (seen !== undefined || !/partNumber=1/.test(request)) return undefined;
      return uploadsIn(at, "young/shard-00007").then((keys) => {
        seen = keys;
        return undefined;
      });
    };
    await writeDataset({ ...SPEC, out: `s3://${at.bucket}/young`, force: true });
    assert.equal(await uploadsIn(at, "young/"), []);
    return seen!;
  };
  await begin(at, key);
  // moto says of every upload that it began in 2010.
  if (process.env["TEST_S3_ENDPOINT"] === undefined) assert.equal(await during(), [key]);
  else assert.equal(await during(), []);
  if (process.env["TEST_S3_ENDPOINT"] !== undefined) return;
  await begin(at, key);
  await makeOld(at);
  assert.equal(await during(), []);
});

/** Makes all uploads of versitygw look as if they had begun two hours ago. */
async function makeOld({ folder }: Setting): Promise<void> {
  const then = Date.now() / 1000 - 7200;
  let changed = 0;
  for (const kept of ["buckets", "attributes"]) {
    const inside = await readdir(path.join(folder, kept), { recursive: true });
    for (const entry of inside.filter((name) => name.includes("multipart"))) {
      await utimes(path.join(folder, kept, entry), then, then);
      changed++;
    }
  }
  assert.ok(changed > 0);
}

for (const [when, held] of [
  ["before its second part", /partNumber=2/],
  ["before its end", /^POST .*uploadId=/],
] as const) {
  test(`an upload that another job ends ${when} begins again`, async () => {
    const at = await ready();
    const prefix = when.replaceAll(" ", "-");
    let ended = 0;
    at.proxy.faultOf = (request) => {
      if (ended > 0 || !held.test(request)) return undefined;
      ended++;
      const { searchParams } = new URL(request.split(" ")[1]!, "http://x");
      const upload = {
        Key: `${prefix}/shard-00000.arrow`,
        UploadId: searchParams.get("uploadId")!,
      };
      return at.client
        .send(new AbortMultipartUploadCommand({ Bucket: at.bucket, ...upload }))
        .then(() => undefined);
    };
    await writeDataset({ ...SPEC, out: `s3://${at.bucket}/${prefix}` });
    assert.is(ended, 1);
    assert.ok((await verifyDataset(`s3://${at.bucket}/${prefix}`)).ok);
  });
}

test("an upload whose last answer is lost counts as written", async () => {
  const at = await ready();
  let lost = 0;
  at.proxy.faultOf = (request) =>
    /^POST .*uploadId=/.test(request) && lost++ === 0 ? "lost" : undefined;
  await writeDataset({ ...SPEC, out: `s3://${at.bucket}/lost` });
  assert.ok(lost >= 2, "tried again");
  assert.ok((await verifyDataset(`s3://${at.bucket}/lost`)).ok);
  assert.equal(await uploadsIn(at, "lost/"), []);
});

test("a store that does not list uploads, or not for these credentials, keeps them silently", async () => {
  const at = await ready();
  await begin(at, "unlisted/shard-00001.arrow");
  let asked = 0;
  at.proxy.faultOf = (request) => {
    if (!/^GET .*[?&]uploads(?:=|&|$)/.test(request)) return undefined;
    asked++;
    return 501;
  };
  await writeDataset({ ...SPEC, rows: 1000, out: `s3://${at.bucket}/unlisted` });
  assert.is(asked, 2);
  assert.equal(await uploadsIn(at, "unlisted/"), ["unlisted/shard-00001.arrow"]);
});

test("with the results of tasks their unfinished uploads go, and no others", async () => {
  const at = await ready();
  const attempt = "parts/generate-00001.0123456789ab/shard-00001.arrow";
  for (const key of [attempt, "parts/notes/x.bin", "parts2/generate-00001.json"]) {
    await begin(at, key);
  }
  await discardTasks(`s3://${at.bucket}/parts`);
  assert.equal(await uploadsIn(at, "parts"), ["parts/notes/x.bin", "parts2/generate-00001.json"]);
  assert.equal(await namesOf(at, "parts"), []);
});

test.run();
