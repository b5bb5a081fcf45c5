import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { failure } from "../../src/common/errors.js";
import { commandOf, descendants, kill, type Process } from "./processes.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const MAIN = path.join(root, "dist/bundle/main.js");
const SCRIPT = path.join(root, "engines/spark/vadi_spark.py");

/** How vadi is started on each machine. */
export const VADI = `${process.execPath} ${MAIN}`;

/** A standalone Spark cluster on loopback. */
export interface Cluster {
  /** Runs vadi_spark.py; `onStart` gets the process of spark-submit. */
  submit(words: readonly string[], settings?: SubmitSettings): Promise<Submitted>;
  /** The processes that the workers have started: executors, Python workers, tasks. */
  executing(): Process[];
  /** Stops all processes, also those that have lost their parent. */
  stop(): Promise<void>;
}

export interface SubmitSettings {
  conf?: Readonly<Record<string, string>>;
  onStart?: (child: ChildProcess) => void;
}

export interface Submitted {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Starts a master and workers of one core each.
 *
 * @param python a Python that has PySpark
 * @param folder for logs and the workers' folders
 */
export async function startCluster(
  python: string,
  folder: string,
  workers: number,
): Promise<Cluster> {
  const bin = path.dirname(python);
  const env = {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env["PATH"] ?? ""}`,
    PYSPARK_PYTHON: python,
    SPARK_LOCAL_IP: "127.0.0.1",
    // Executors that are killed are replaced however often.
    SPARK_MASTER_OPTS: "-Dspark.deploy.maxExecutorRetries=-1",
    SPARK_LOCAL_DIRS: folder,
    // What runs for seconds is not worth the second compiler, nor more than one thread for garbage.
    JAVA_TOOL_OPTIONS: "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
  };
  await mkdir(folder, { recursive: true });
  const started: ChildProcess[] = [];
  const seen = new Map<number, string>();

  const start = (name: string, words: readonly string[]): ChildProcess => {
    const child = spawn("spark-class", words, {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = createWriteStream(path.join(folder, `${name}.log`));
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    started.push(child);
    return child;
  };
  const master = start(
    "master",
    "org.apache.spark.deploy.master.Master --host 127.0.0.1 --port 0 --webui-port 0".split(" "),
  );
  const address = await said(master, /spark:\/\/127\.0\.0\.1:\d+/);
  const worker = "org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --cores 1 --memory 640m";
  const registered = Array.from({ length: workers }, (_, index) => {
    const own = ["--webui-port", "0", "--work-dir", path.join(folder, `work-${index}`), address];
    const child = start(`worker-${index}`, [...worker.split(" "), ...own]);
    return said(child, /Successfully registered with master/);
  });
  await Promise.all(registered);

  const executing = (): Process[] => {
    const found = descendants(started.slice(1).map(({ pid = 0 }) => pid));
    for (const { pid, command } of found) seen.set(pid, command);
    return found;
  };
  return {
    executing,
    submit(words, { conf = {}, onStart } = {}) {
      const settings = {
        "spark.ui.enabled": "false",
        "spark.log.level": "WARN",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": "512m",
        "spark.task.maxFailures": "50",
        ...conf,
      };
      const options = Object.entries(settings).flatMap(([name, value]) => [
        "--conf",
        `${name}=${value}`,
      ]);
      const cluster = ["--master", address, "--driver-memory", "512m"];
      const child = spawn(
        "spark-submit",
        [...cluster, ...options, SCRIPT, "--vadi", VADI, ...words],
        { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] },
      );
      return outcome(child, onStart);
    },
    async stop() {
      executing();
      for (const { pid = 0 } of started.toReversed()) kill(pid);
      // What has outlived its executor; another process may have got its number.
      for (const [pid, command] of seen) if (command === commandOf(pid)) kill(pid);
      await Promise.all(
        started.map((child) =>
          child.exitCode === null && child.signalCode === null
            ? new Promise((resolve) => child.once("exit", resolve))
            : undefined,
        ),
      );
    },
  };
}

/** Resolves to what a process has said that matches a pattern. */
function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (some: Buffer): void => {
      text += some.toString();
      const [found] = pattern.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stderr?.on("data", onData);
    child.stdout?.on("data", onData);
    child.once("error", reject);
    child.once("exit", () =>
      reject(failure(`Spark did not start: ${text.slice(-2000) || "it said nothing"}`)),
    );
  });
}

function outcome(
  child: ChildProcess,
  onStart: ((child: ChildProcess) => void) | undefined,
): Promise<Submitted> {
  return new Promise((resolve, reject) => {
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (some: Buffer) => (stdout += some.toString()));
    child.stderr?.on("data", (some: Buffer) => (stderr += some.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    onStart?.(child);
  });
}
