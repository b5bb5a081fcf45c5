import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { failure } from "../../src/common/errors.js";

const KEYS = { id: "vadi-cluster", secret: "vadi-cluster-secret" };

/** An S3 server on loopback with one bucket. */
export interface Store {
  /** `s3://BUCKET` */
  url: string;
  /** Where the server keeps the bucket's objects, as files. */
  folder: string;
  stop(): void;
}

/**
 * Starts versitygw, and points this process and those that it starts to it.
 *
 * @param program its path
 */
export async function startStore(program: string, folder: string): Promise<Store> {
  const [buckets, attributes] = ["buckets", "attributes"].map((name) => path.join(folder, name));
  const bucket = path.join(buckets!, "cluster");
  for (const one of [bucket, attributes!]) await mkdir(one, { recursive: true });
  // Of the ports that no program is given by chance.
  const port = 20_000 + (process.pid % 10_000);
  const words = ["--port", `127.0.0.1:${port}`, "--quiet", "posix", "--sidecar", attributes!];
  const child = spawn(program, [...words, buckets!], {
    env: { ...process.env, ROOT_ACCESS_KEY: KEYS.id, ROOT_SECRET_KEY: KEYS.secret },
    stdio: "ignore",
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: "us-east-1",
    // Its warning about versions of Node is not for those who read the results.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    AWS_ACCESS_KEY_ID: KEYS.id,
    AWS_SECRET_ACCESS_KEY: KEYS.secret,
  });
  for (let tries = 0; !(await isOpen(port)); tries++) {
    if (tries === 100 || child.exitCode !== null) throw failure(`${program} does not start.`);
    await sleep(50);
  }
  return { url: "s3://cluster", folder: bucket, stop: () => void child.kill() };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
