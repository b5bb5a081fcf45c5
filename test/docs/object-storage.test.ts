import path from "node:path";
import { mkdir } from "node:fs/promises";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { inFolder } from "../helpers/folder.js";
import { startS3Server } from "../helpers/s3-server.js";
import { test } from "../helpers/test.js";
import { runPage } from "./run-page.js";

test(
  "docs/object-storage.md: its commands work on a bucket",
  inFolder(async (folder) => {
    const server = await startS3Server(folder);
    try {
      const client = new S3Client({ forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: "vadi-docs" }));
      client.destroy();
      process.env["XDG_CACHE_HOME"] = path.join(folder, "cache");
      const own = path.join(folder, "page");
      await mkdir(own);
      await runPage("docs/object-storage.md", own);
    } finally {
      server.close();
    }
  }),
);

test.run();
