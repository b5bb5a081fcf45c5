import type { ChildProcess } from "node:child_process";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { failure } from "../../src/common/errors.js";
import { descendants, kill } from "./processes.js";
import { whileKilling } from "./kills.js";
import { VADI, type Cluster } from "./spark.js";
import type { Store } from "./store.js";

const run = promisify(execFile);

/** Every speculative copy that Spark can find a reason for. */
const SPECULATION = {
  "spark.speculation": "true",
  "spark.speculation.interval": "100ms",
  "spark.speculation.multiplier": "1.1",
  "spark.speculation.quantile": "0.2",
  "spark.speculation.minTaskRuntime": "10ms",
};

/** Runs vadi on this machine alone, and returns what it prints. */
export async function vadi(cwd: string, line: string): Promise<string> {
  const [program = "", ...words] = `${VADI} ${line}`.split(" ");
  return (await run(program, words, { cwd, maxBuffer: 2 ** 26 })).stdout;
}

/**
 * Runs every kind of job on a cluster, disturbed, and on this machine, and compares.
 *
 * @throws a failure where a result differs, or a job does not end
 */
export async function checkJobs(
  cluster: Cluster,
  store: Store | undefined,
  folder: string,
  random: () => number,
  isQuick: boolean,
  note: (sentence: string) => void,
): Promise<void> {
  const started = performance.now();
  const rows = isQuick ? "1M" : "12M";
  const tasks = isQuick ? 6 : 24;
  const disturbance = { pause: isQuick ? 300 : 1000, most: isQuick ? 3 : 16 };
  const at = (name: string): string => path.join(folder, name);
  let killed = 0;
  const job = async (words: string, out: string): Promise<string> => {
    const { result, kills } = await whileKilling(cluster, random, disturbance, () =>
      cluster.submit(["--tasks", String(tasks), "--", ...words.split(" ")], { conf: SPECULATION }),
    );
    if (result.code !== 0) throw failure(`${words} ended with ${result.code}: ${result.stderr}`);
    killed += kills.executors + kills.tasks;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    note(`${words}: killed ${kills.executors} executors and ${kills.tasks} tasks (${seconds} s)`);
    await checkClean(`${out}.parts`);
    return result.stdout;
  };

  // Two-layer-sigmoid data in three stages, and a driver that dies.
  const sigmoid = `generate two-layer-sigmoid --rows ${rows} --shard-rows 50k --format parquet`;
  await vadi(folder, `${sigmoid} --out ${at("sigmoid")} --quiet`);
  const joined = at("sigmoid-joined");
  const deaths = await driverDies(cluster, sigmoid, joined, tasks, isQuick ? 1 : 4, random);
  note(`${sigmoid}: the driver died ${deaths}×, and was started again with --resume`);
  await same(at("sigmoid"), joined, ["SHA256SUMS", "manifest.json"]);

  const lsm = `generate lsm --rows ${rows} --shard-rows 50k`;
  await vadi(folder, `${lsm} --out ${at("lsm")} --quiet`);
  await job(`${lsm} --out ${at("lsm-joined")}`, at("lsm-joined"));
  await same(at("lsm"), at("lsm-joined"), ["SHA256SUMS", "manifest.json"]);

  if (store !== undefined) {
    // Shards that are sent in parts.
    const large = `generate lsm --rows ${rows} --shard-rows 200k`;
    await vadi(folder, `${large} --out ${at("large")} --quiet`);
    await job(`${large} --out ${store.url}/large`, `${store.url}/large`);
    await same(at("large"), path.join(store.folder, "large"), ["SHA256SUMS", "manifest.json"]);
    await checkClean(path.join(store.folder, "large.parts"));
    const uploads = await uploadsIn(store);
    if (uploads.length > 0) throw failure(`Parts of uploads are left: ${uploads.join(", ")}.`);
    const again = ["--resume", "--", ...`${large} --out ${store.url}/large`.split(" ")];
    const { code, stderr } = await cluster.submit(again);
    if (code !== 0) throw failure(`A finished job in a bucket cannot be resumed: ${stderr}`);
  }

  const train = `train ${at("lsm")} --model mlp:16,8 --standardize --out ${at("run")} --quiet`;
  await vadi(folder, train);
  const line = `landscape ${at("run")} --batches all --points 51 --scale 0.5`;
  await vadi(folder, `${line} --out ${at("line")} --quiet`);
  await job(`${line} --out ${at("line-joined")}`, at("line-joined"));
  await same(at("line"), at("line-joined"), ["slices.parquet", "summary.parquet"]);

  const curvature = `curvature ${at("run")} --batches 50 --vectors 1 --probes 2 --products 6 --method products --per-batch true --kinks 0.01`;
  await vadi(folder, `${curvature} --out ${at("curvature")} --quiet`);
  await job(`${curvature} --out ${at("curvature-joined")}`, at("curvature-joined"));
  await same(at("curvature"), at("curvature-joined"), ["eigenpairs.parquet", "batches.parquet"]);
  const [kinks, joinedKinks] = await Promise.all(
    [at("curvature"), at("curvature-joined")].map(kinksIn),
  );
  if (kinks !== joinedKinks) {
    throw failure(`The kinks are ${joinedKinks} on the cluster and ${kinks} on one machine.`);
  }

  if (killed === 0) throw failure("No job lasted long enough for a kill: give them more rows.");
  const parts = ["verify", "evaluate"].map((name) => at(`${name}.parts`));
  const verified = await submitQuietly(cluster, ["--parts", parts[0]!, "--", "verify", at("lsm")]);
  if (!(JSON.parse(verified) as { ok: boolean }).ok) throw failure("The dataset is not as it was.");
  const evaluate = ["--parts", parts[1]!, "--", "evaluate", at("run")];
  const [distributed, alone] = [
    await submitQuietly(cluster, evaluate),
    await vadi(folder, `evaluate ${at("run")} --json`),
  ].map((text) => (JSON.parse(text) as { loss: number }).loss);
  if (distributed !== alone) {
    throw failure(`The loss is ${distributed} on the cluster and ${alone} on one machine.`);
  }
  note(`verify, evaluate: as on one machine (loss ${distributed})`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  note(`All results have the bytes of one machine (${seconds} s).`);
}

async function submitQuietly(cluster: Cluster, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.submit(["--tasks", "4", ...words]);
  if (code === 0) return stdout.trim().split("\n").at(-1) ?? "";
  throw failure(`${words.join(" ")} ended with ${code}: ${stderr}`);
}

/** Starts a job whose driver is killed at random moments, and continued with --resume until it ends. */
async function driverDies(
  cluster: Cluster,
  job: string,
  out: string,
  tasks: number,
  most: number,
  random: () => number,
): Promise<number> {
  const words = ["--tasks", String(tasks), "--", ...job.split(" "), "--out", out];
  let deaths = 0;
  let resume = false;
  for (;;) {
    let isKilled = false;
    const { code, stderr } = await cluster.submit([...(resume ? ["--resume"] : []), ...words], {
      conf: SPECULATION,
      onStart: (child) => {
        if (deaths >= most) return;
        void dies(child, `${out}.parts`, random).then((was) => (isKilled = was));
      },
    });
    if (code === 0) return deaths;
    if (!isKilled) throw failure(`${job} ended with ${code}: ${stderr}`);
    deaths++;
    resume = true;
  }
}

/** Kills a driver, its Python and its JVM, some time after its tasks have begun. */
async function dies(child: ChildProcess, parts: string, random: () => number): Promise<boolean> {
  const { pid = 0 } = child;
  const before = await countOf(parts);
  while (child.exitCode === null && (await countOf(parts)) <= before) await sleep(50);
  await sleep(2000 * random());
  if (child.exitCode !== null) return false;
  for (const { pid: below } of descendants([pid])) kill(below);
  return kill(pid);
}

/** How many entries a folder has. */
async function countOf(folder: string): Promise<number> {
  return (await readdir(folder).catch(() => [])).length;
}

/** The keys of the uploads in parts that are neither complete nor ended. */
async function uploadsIn({ url }: Store): Promise<string[]> {
  const client = new S3Client({ forcePathStyle: true });
  const command = new ListMultipartUploadsCommand({ Bucket: url.replace("s3://", "") });
  const { Uploads = [] } = await client.send(command).finally(() => client.destroy());
  return Uploads.map(({ Key = "" }) => Key);
}

/** What kinks add, by a curvature's record. */
async function kinksIn(folder: string): Promise<string> {
  const record = await readFile(path.join(folder, "curvature.json"), "utf8");
  return JSON.stringify((JSON.parse(record) as { kinks: unknown }).kinks);
}

/** Throws unless the tasks' results have been removed. */
async function checkClean(parts: string): Promise<void> {
  const left = await readdir(parts).catch(() => undefined);
  if (left?.some((name) => name.endsWith(".json"))) throw failure(`${parts} is still there.`);
}

async function same(one: string, other: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const [a, b] = await Promise.all(
      [one, other].map((folder) => readFile(path.join(folder, file))),
    );
    if (!a!.equals(b!)) throw failure(`${file} of ${other} is not that of ${one}.`);
  }
}
