import { readFile } from "node:fs/promises";
import path from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { generate, openDataset, train } from "../../src/index.js";
import { startFaultProxy, type Fault } from "../helpers/fault-proxy.js";
import { inFolder } from "../helpers/folder.js";
import { startS3Server } from "../helpers/s3-server.js";
import { assert, test } from "../helpers/test.js";
import { assertRejects } from "../storage/folders.js";

/* Training from a bucket of a real server, over a network that fails. */

test(
  "training goes on over passing faults, stops for lasting ones, and resumes to the same bits",
  inFolder(async (folder) => {
    const server = await startS3Server(folder);
    const proxy = await startFaultProxy(server.endpoint);
    process.env["AWS_ENDPOINT_URL"] = proxy.endpoint;
    process.env["XDG_CACHE_HOME"] = path.join(folder, "home");
    try {
      const client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true });
      const bucket = `vadi-train-${process.pid}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      client.destroy();
      const spec = { kind: "lsm", rows: 40_000, features: 4, shardRows: 2000 } as const;
      await generate({ ...spec, out: path.join(folder, "data") });
      const url = `s3://${bucket}/data`;
      await generate({ ...spec, out: url });
      const options = { model: "mlp:4", batchSize: 500, epochs: 2, backend: "wasm" } as const;
      const weights = (run: string): Promise<Buffer> =>
        readFile(path.join(folder, run, "model", "weights.bin"));
      const out = (run: string): string => path.join(folder, run);
      const local = await openDataset(out("data"));
      await train(local, { ...options, shuffle: "buffer", out: out("local") });

      // Each fault hits every shard at most once: bytes that are wrong again and again are damage.
      const faults: readonly Fault[] = ["reset", 500, "truncate", 503, "corrupt"];
      const hit = new Set<string>();
      let count = 0;
      proxy.faultOf = (request) => {
        if (!request.includes("shard-")) return undefined;
        const fault = faults[count++ % 7];
        if (fault === undefined || hit.has(`${fault} ${request}`)) return undefined;
        hit.add(`${fault} ${request}`);
        return fault;
      };
      // Half of the shards: all of them come again in the second epoch.
      const bytes = local.manifest.shards[0]!.bytes;
      const cacheSize = 10 * bytes;
      const remote = await openDataset(url, { cache: out("cache"), cacheSize });
      await train(remote, { ...options, out: out("faults") });
      assert.ok(count > 40 && hit.size > 10, `${hit.size} faults in ${count} requests`);
      assert.ok((await weights("faults")).equals(await weights("local")));

      proxy.faultOf = (request) => (request.includes("shard-00013") ? "corrupt" : undefined);
      const broken = await openDataset(url, { cache: out("other"), cacheSize });
      const checkpoints = { checkpointEvery: "1steps", out: out("stopped") };
      await assertRejects(
        train(broken, { ...options, ...checkpoints }),
        "failed",
        /data\/shard-00013\.arrow is damaged: its SHA-256 differs/,
      );
      proxy.faultOf = () => undefined;
      const whole = await openDataset(url, { cache: out("other"), cacheSize });
      await train(whole, { ...options, ...checkpoints, resume: true });
      assert.ok((await weights("stopped")).equals(await weights("local")));
    } finally {
      proxy.close();
      server.close();
    }
  }),
);

test.run();
