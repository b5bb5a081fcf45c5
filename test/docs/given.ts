import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  generate,
  landscape,
  openDataset,
  openRun,
  planTasks,
  runTasks,
  train,
} from "../../src/index.js";
import type { TrainOptions } from "../../src/index.js";
import { runSql } from "../storage/duck.js";
import { blocksOf } from "./blocks.js";

/*
 * What the pages take as made before: datasets, runs and tables. All pages of a test file share what is made, which is
 * small.
 */

let made: Promise<string> | undefined;
const inWork = new Map<string, Promise<string>>();

/** The path of something that pages take as given, such as `data/lsm`; made at the first call. */
export function given(name: string): Promise<string> {
  const started = inWork.get(name) ?? make(name);
  inWork.set(name, started);
  return started;
}

async function make(name: string): Promise<string> {
  const maker = MAKERS[name];
  if (maker === undefined) throw new Error(`test/docs/given.ts makes no ${name}.`);
  const out = path.join(await (made ??= sharedFolder()), name);
  await mkdir(path.dirname(out), { recursive: true });
  await maker(out);
  return out;
}

async function sharedFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-given-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const SMALL = { rows: 4000, shardRows: 1000 };

/** How each is made. */
const MAKERS: Readonly<Record<string, (out: string) => Promise<unknown>>> = {
  "data/lsm": (out) => generate({ kind: "lsm", ...SMALL, out }),
  "data/other": (out) => generate({ kind: "lsm", ...SMALL, seed: 7, out }),
  "data/sigmoid": (out) => generate({ kind: "two-layer-sigmoid", ...SMALL, seed: 10, out }),
  "runs/linear": trained("data/lsm", { learningRate: 0.01 }),
  "runs/mlp": trained("data/sigmoid", { model: "mlp:6,3", learningRate: 0.1 }),
  "runs/other": trained("data/sigmoid", { model: "mlp:6,3", learningRate: 0.1, seed: 1 }),
  "data/large.parts": makeParts,
  "work/verify": async (out) => {
    const dataset = await given("data/lsm");
    await finish(await planTasks({ job: "verify", dataset }, { parts: out }));
  },
  "slices/1": (out) => slices(out, [0, 1]),
  "slices/2": (out) => slices(out, [2, 3]),
  "plan.jsonl": async (out) => {
    const job = { job: "generate", kind: "lsm", ...SMALL, shardRows: 250 } as const;
    const tasks = await planTasks({ ...job, out: `${out}.data` });
    await writeFile(out, tasks.map((task) => `${JSON.stringify(task)}\n`).join(""));
  },
  "trips.csv": makeTrips,
  "trips.csv.gz": (out) => copied("trips.csv", out, "HEADER, COMPRESSION gzip"),
  "trips.parquet": (out) => copied("trips.csv", out, "FORMAT parquet"),
  "trips/2024.parquet": (out) => copied("trips.csv", out, "FORMAT parquet"),
  "houses.csv": (out) =>
    copied(
      "range(500) r(i)",
      out,
      "HEADER",
      "40 + i % 97 AS area, CASE WHEN i % 9 > 0 THEN i % 7 END AS rooms, 2000 * area AS price",
    ),
};

function trained(
  dataset: string,
  options: Omit<TrainOptions, "out">,
): (out: string) => Promise<unknown> {
  return async (out) =>
    train(await openDataset(await given(dataset)), {
      batchSize: 500,
      epochs: 5,
      backend: "wasm",
      ...options,
      out,
    });
}

/** What the tasks of a dataset leave behind, to be joined; its ten shards are enough for a plan with ten tasks. */
async function makeParts(out: string): Promise<void> {
  const job = { job: "generate", kind: "lsm", rows: 1000, shardRows: 100 } as const;
  await finish(await planTasks({ ...job, out: out.replace(/\.parts$/, "") }));
}

async function finish(tasks: Awaited<ReturnType<typeof planTasks>>): Promise<void> {
  for await (const result of runTasks(tasks.map((task) => JSON.stringify(task)))) {
    if (result.status === "failed") throw new Error(result.error);
  }
}

async function slices(out: string, batches: number[]): Promise<unknown> {
  return landscape(await openRun(await given("runs/mlp")), { batches, out });
}

/** The table that docs/how-to/my-own-table.md makes. */
async function makeTrips(out: string): Promise<void> {
  const page = new URL("../../../docs/how-to/my-own-table.md", import.meta.url);
  const block = blocksOf(readFileSync(page, "utf8")).find(({ marks }) => marks.has("file"))!;
  const folder = path.dirname(out);
  await writeFile(path.join(folder, "make-trips.mjs"), block.text);
  spawnSync(process.execPath, ["make-trips.mjs"], { cwd: folder, stdio: "inherit" });
}

/** Writes rows to a file by DuckDB. */
async function copied(from: string, out: string, how: string, columns = "*"): Promise<void> {
  const source = from.includes("(") ? from : `'${await given(from)}'`;
  await runSql(`COPY (SELECT ${columns} FROM ${source}) TO '${out}' (${how})`);
}
