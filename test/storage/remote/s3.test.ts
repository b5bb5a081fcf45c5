import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset, type Dataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { startS3Server } from "../../helpers/s3-server.js";
import { assert, test } from "../../helpers/test.js";
import { assertRejects } from "../folders.js";

/* Datasets in a bucket of a real server. */

async function rowsIn(dataset: Dataset): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const { x, y } of dataset.batches({ batchSize: 1000, shuffle: "window" })) {
    parts.push(Buffer.from(x), Buffer.from(y));
  }
  return Buffer.concat(parts);
}

test(
  "a bucket's dataset has the rows of the local one; what is missing is named",
  inFolder(async (folder) => {
    const server = await startS3Server(folder);
    try {
      const out = path.join(folder, "data");
      await writeDataset({ kind: "lsm", out, rows: 10_000, features: 3, shardRows: 1000 });
      const client = new S3Client({ forcePathStyle: true });
      const bucket = `vadi-${process.pid}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      for (const name of await readdir(out)) {
        const Body = await readFile(path.join(out, name));
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: `some/data/${name}`, Body }));
      }
      const cache = path.join(folder, "cache");
      const local = await openDataset(out);
      const remote = await openDataset(`s3://${bucket}/some/data/`, { cache });
      assert.is(remote.path, `s3://${bucket}/some/data`);
      assert.is(remote.fingerprint, local.fingerprint);
      assert.ok((await rowsIn(remote)).equals(await rowsIn(local)));
      await assertRejects(
        openDataset(`s3://${bucket}/nothing`),
        "failed",
        /nothing is not a dataset: it has no manifest.json/,
      );
      await assertRejects(
        openDataset(`s3://no-${bucket}/data`),
        "failed",
        /There is no bucket no-/,
      );
      await assertRejects(openDataset("s3://"), "failed", /write s3:\/\/BUCKET\/PREFIX/);
      client.destroy();
    } finally {
      server.close();
    }
  }),
);

test.run();
