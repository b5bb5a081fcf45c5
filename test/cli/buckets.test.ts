import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { writeDataset } from "../../src/storage/index.js";
import { inFolder } from "../helpers/folder.js";
import { startS3Server } from "../helpers/s3-server.js";
import { assert, test } from "../helpers/test.js";
import { vadi, type Outcome } from "./vadi.js";

/* Every command on a dataset in a bucket. */

test(
  "every command that reads a dataset reads it from a bucket",
  inFolder(async (folder) => {
    const server = await startS3Server(folder);
    try {
      const out = path.join(folder, "data");
      await writeDataset({ kind: "lsm", out, rows: 3000, features: 2, shardRows: 1000 });
      const client = new S3Client({ forcePathStyle: true });
      const bucket = `vadi-${process.pid}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      for (const name of await readdir(out)) {
        const Body = await readFile(path.join(out, name));
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: `data/${name}`, Body }));
      }
      client.destroy();
      const url = `s3://${bucket}/data`;
      const home = path.join(folder, "home");
      await mkdir(home);
      const env = { ...server.env, XDG_CACHE_HOME: home };
      const done = async (...words: string[]): Promise<Outcome> => {
        const outcome = await vadi([...words, "--cache", path.join(folder, "cache")], {
          cwd: folder,
          env,
        });
        assert.is(outcome.code, 0, `${words.join(" ")}: ${outcome.stderr}`);
        return outcome;
      };
      const model = ["--model", "mlp:3", "--batch-size", "500", "--backend", "wasm"];
      await done("inspect", url, "--statistics");
      const { stderr: notes } = await done("train", url, "--out", "remote", ...model);
      assert.match(notes, /The default order for s3:.* is --shuffle buffer/);
      await done("train", out, "--out", "local", "--shuffle", "buffer", ...model);
      const weights = (run: string): Promise<Buffer> =>
        readFile(path.join(folder, run, "model", "weights.bin"));
      assert.ok((await weights("remote")).equals(await weights("local")));
      const evaluated = JSON.parse((await done("evaluate", "remote", "--json")).stdout) as object;
      const local = JSON.parse((await done("evaluate", "local", "--json")).stdout) as object;
      assert.is(Reflect.get(evaluated, "loss"), Reflect.get(local, "loss"));
      await done("predict", "remote", url, "--out", "predicted");
      await done("landscape", "local", "--dataset", url);
      await done("curvature", "remote", "--vectors", "1");
      await done("certify", "remote");
      // Nothing has gone to the default cache.
      assert.equal(await readdir(home), []);
      const report = await vadi(["report", "remote", "--out", "report.html"], {
        cwd: folder,
        env,
      });
      assert.is(report.code, 0, report.stderr);
      // A report sends nothing to an address that a run names.
      assert.not.match(await readFile(path.join(folder, "report.html"), "utf8"), /3 Arrow/);
    } finally {
      server.close();
    }
  }),
);

test.run();
