import { spawn, type ChildProcess } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { skip } from "./test.js";

/*
 * A real S3 server for tests: the program that TEST_S3_SERVER names, which is versitygw, or one that runs already at
 * TEST_S3_ENDPOINT, with the credentials below. Without either, the tests that need one skip themselves.
 */

/** Why a test that needs a server skips itself. */
export const noServer =
  "TEST_S3_SERVER names no versitygw (CI builds it), and TEST_S3_ENDPOINT no server";

const KEY = "vadi-tests";
const SECRET = "vadi-tests-secret";

/** An S3 server, and the environment in which the SDK finds it. */
export interface S3Server {
  endpoint: string;
  env: Record<string, string>;
  close(): void;
}

/**
 * Starts an S3 server on loopback, and points this process to it.
 *
 * @param folder for its buckets
 */
export async function startS3Server(folder: string): Promise<S3Server> {
  const running = process.env["TEST_S3_ENDPOINT"];
  const program = process.env["TEST_S3_SERVER"];
  if (running !== undefined) return serverAt(running, () => {});
  if (program === undefined) skip(noServer);
  const port = await freePort();
  for (const name of ["buckets", "attributes"]) await mkdir(path.join(folder, name));
  // Not every file system has extended attributes.
  const kept = ["--sidecar", path.join(folder, "attributes"), path.join(folder, "buckets")];
  const child = spawn(program, ["--port", `127.0.0.1:${port}`, "--quiet", "posix", ...kept], {
    cwd: folder,
    env: { ...process.env, ROOT_ACCESS_KEY: KEY, ROOT_SECRET_KEY: SECRET },
    stdio: "ignore",
  });
  await untilOpen(port, child);
  return serverAt(`http://127.0.0.1:${port}`, () => child.kill());
}

function serverAt(endpoint: string, close: () => void): S3Server {
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: KEY,
    AWS_SECRET_ACCESS_KEY: SECRET,
  };
  Object.assign(process.env, env);
  return { endpoint, env, close };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something listens on a port. */
async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  let failed: Error | undefined;
  child.once("error", (error) => (failed = error));
  child.once("exit", (code) => (failed ??= new Error(`The S3 server ended with code ${code}.`)));
  for (let tries = 0; tries < 500; tries++) {
    if (failed !== undefined) throw failed;
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", () =>
        resolve(false),
      );
      socket.unref();
      setTimeout(() => socket.destroy(), 1000).unref();
    });
    if (isOpen) return;
    await pause(20);
  }
  throw new Error(`No S3 server listens on port ${port}.`);
}
