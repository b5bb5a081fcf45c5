import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Test } from "uvu";
import { startFaultProxy, type FaultProxy } from "../../helpers/fault-proxy.js";
import { startS3Server } from "../../helpers/s3-server.js";

/* A bucket of a real server, which the tests of a file share, behind a proxy that makes connections fail. */

export interface Setting {
  folder: string;
  bucket: string;
  proxy: FaultProxy;
  /** Speaks with the server itself. */
  client: S3Client;
  close(): Promise<void>;
}

/** What the tests of a file have. */
export interface BucketTests {
  /** What all tests share; without a server each of them skips itself. */
  ready(): Promise<Setting>;
  /** The names of the objects below a prefix. */
  namesOf(at: Setting, prefix: string): Promise<string[]>;
  textOf(at: Setting, key: string): Promise<string>;
}

/** @param name begins the bucket's name */
export function bucketTests(name: string, test: Test): BucketTests {
  let setting: Promise<Setting> | undefined;
  test.after(async () => {
    await setting?.then(
      (one) => one.close(),
      () => {},
    );
  });
  test.after.each(() => {
    void setting?.then(
      ({ proxy }) => (proxy.faultOf = () => undefined),
      () => {},
    );
  });
  return {
    ready: () => (setting ??= start(name)),
    async namesOf({ client, bucket }, prefix) {
      const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/` });
      const { Contents = [] } = await client.send(command);
      return Contents.map(({ Key = "" }) => Key.slice(prefix.length + 1)).toSorted();
    },
    async textOf({ client, bucket }, key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body!.transformToString();
    },
  };
}

async function start(name: string): Promise<Setting> {
  const folder = await mkdtemp(path.join(tmpdir(), `${name}-`));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const server = await startS3Server(folder);
    const proxy = await startFaultProxy(server.endpoint);
    process.env["AWS_ENDPOINT_URL"] = proxy.endpoint;
    process.env["XDG_CACHE_HOME"] = path.join(folder, "cache");
    const client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true });
    const bucket = `${name}-${process.pid}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const close = async (): Promise<void> => {
      client.destroy();
      proxy.close();
      server.close();
      await remove();
    };
    return { folder, bucket, proxy, client, close };
  } catch (error) {
    await remove();
    throw error;
  }
}
