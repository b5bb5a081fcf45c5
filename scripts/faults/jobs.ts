import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type * as Vadi from "../../src/index.js";

/* Small jobs of every command. The library is the one that users run: the bundle. */

type Library = typeof Vadi;

/** How a job is started: as the first time, to go on, to begin again, or to be verified and repaired. */
export type Start = "plain" | "resume" | "force" | "repair";

export interface Job {
  /** Makes what the job reads, in a folder. */
  prepare(library: Library, folder: string): Promise<void>;
  /** Does the job in the folder; all that it writes is in `out`, or is the file `out`. */
  run(library: Library, folder: string, out: string, start: Start): Promise<unknown>;
  /** The ways in which it can be started again. */
  starts: readonly Start[];
  /** Whether only `out` is the result, since what lies beside it has random names. */
  isOutOnly?: true;
  /** Whether it is a dataset that can be repaired. */
  repairs?: true;
}

const choice = (start: Start): { resume?: true; force?: true } =>
  start === "resume" || start === "force" ? { [start]: true } : {};

/** Verifies a generated dataset, and makes again what is damaged. */
export async function repair(library: Library, out: string): Promise<void> {
  const { ok } = await library.verifyDataset(out, { repair: true });
  if (!ok) throw new library.VadiError("failed", "The dataset could not be repaired.");
}

const ALL: readonly Start[] = ["resume", "plain", "force"];

async function writeData(library: Library, folder: string): Promise<void> {
  const out = path.join(folder, "data");
  await library.writeDataset({
    kind: "lsm",
    rows: 60,
    features: 2,
    shardRows: 30,
    workers: 1,
    out,
  });
}

async function writeRun(library: Library, folder: string): Promise<Vadi.Run> {
  await writeData(library, folder);
  const dataset = await library.openDataset(path.join(folder, "data"));
  const out = path.join(folder, "run");
  return library.train(dataset, { out, model: "mlp:3", batchSize: 20, backend: "wasm" });
}

/** A job that replaces a complete result by another: the first is made beforehand, by a run of another job. */
function replacing(before: Job, { prepare, run, starts }: Job): Job {
  return {
    prepare: async (library, folder) => {
      await prepare(library, folder);
      await before.run(library, folder, path.join(folder, "out"), "plain");
    },
    run: (library, folder, out) => run(library, folder, out, "force"),
    starts: starts.filter((start) => start === "force"),
  };
}

/** Beside the job's folder, since the plan's own file does not count. */
const tasksFile = (folder: string): string => `${folder}.tasks.json`;

/** Writes a result to a file at first, and compares it with that later. */
async function checkSame(file: string, result: unknown): Promise<void> {
  const text = JSON.stringify(result);
  const before = await readFile(file, "utf8").catch(() => undefined);
  if (before === undefined) await writeFile(file, text);
  else if (before !== text) throw new Error(`Another result: ${text} instead of ${before}`);
}

/** A job in tasks, whose results are merged. */
function inTasks(job: (folder: string) => Vadi.TaskJob, prepare: Job["prepare"]): Job {
  return {
    async prepare(library, folder) {
      await prepare(library, folder);
      const options = { tasks: 2, parts: path.join(folder, "parts") };
      const tasks = await library.planTasks(job(folder), options);
      await writeFile(tasksFile(folder), JSON.stringify(tasks));
    },
    async run(library, folder, out) {
      const text = await readFile(tasksFile(folder), "utf8");
      const tasks = JSON.parse(text) as Vadi.Task[];
      for (const task of tasks) await library.runTask(task, { workers: 1 });
      const merged = await library.mergeTasks(path.join(folder, "parts"), { out, force: true });
      if (merged.job === "evaluate") await checkSame(`${folder}.evaluation.json`, merged);
    },
    starts: ["plain"],
    isOutOnly: true,
  };
}

const SMALL: Readonly<Record<string, Job>> = {
  generate: {
    prepare: async () => {},
    run: (library, _, out, start) =>
      library.writeDataset({
        kind: "two-layer-sigmoid",
        rows: 50,
        features: 2,
        shardRows: 20,
        workers: 1,
        out,
        ...choice(start),
      }),
    starts: ALL,
    repairs: true,
  },
  "generate-parquet": {
    prepare: async () => {},
    run: (library, _, out, start) =>
      library.writeDataset({
        kind: "lsm",
        rows: 50,
        features: 2,
        shardRows: 30,
        workers: 2,
        format: "parquet",
        compression: "snappy",
        out,
        ...choice(start),
      }),
    starts: ALL,
    repairs: true,
  },
  convert: {
    prepare: writeData,
    run: (library, folder, out, start) =>
      library.convert(path.join(folder, "data"), { out, format: "parquet", ...choice(start) }),
    starts: ALL,
  },
  "convert-csv": {
    prepare: (_, folder) =>
      writeFile(path.join(folder, "t.csv"), "a,b,y\n1,red,3\n2,blue,4\n,red,5\n4,red,7\n"),
    run: (library, folder, out, start) =>
      library.convert(path.join(folder, "t.csv"), {
        out,
        target: "y",
        categorical: ["b"],
        impute: "mean",
        ...choice(start),
      }),
    starts: ALL,
  },
  join: {
    async prepare(library, folder) {
      for (const [index, shards] of ["0-0", "1-1"].entries()) {
        await library.writePart({
          kind: "lsm",
          rows: 60,
          features: 2,
          shardRows: 30,
          workers: 1,
          shards,
          out: path.join(folder, `part-${index}`),
        });
      }
    },
    run: (library, folder, out) =>
      library.joinDatasets(
        [0, 1].map((index) => path.join(folder, `part-${index}`)),
        out,
      ),
    starts: ["plain"],
  },
  repair: {
    async prepare(library, folder) {
      await writeData(library, folder);
      await writeFile(path.join(folder, "data", "shard-00001.arrow"), "broken");
    },
    run: (library, folder) => library.verifyDataset(path.join(folder, "data"), { repair: true }),
    starts: ["plain"],
  },
  train: {
    prepare: writeData,
    run: async (library, folder, out, start) =>
      library.train(await library.openDataset(path.join(folder, "data")), {
        out,
        model: "mlp:3",
        optimizer: "adam",
        batchSize: 10,
        epochs: 3,
        validation: 0.2,
        patience: 5,
        shuffle: "global",
        checkpointEvery: "4steps",
        keep: 2,
        backend: "wasm",
        ...choice(start),
      }),
    starts: ALL,
  },
  landscape: {
    prepare: async (library, folder) => void (await writeRun(library, folder)),
    run: (library, folder, out, start) =>
      library.landscape(path.join(folder, "run"), {
        out,
        along: "gradient",
        plane: true,
        points: [4, 3],
        batches: 2,
        workers: 1,
        ...choice(start),
      }),
    starts: ALL,
  },
  curvature: {
    prepare: async (library, folder) => void (await writeRun(library, folder)),
    run: (library, folder, out, start) =>
      library.curvature(path.join(folder, "run"), {
        out,
        density: true,
        perBatch: true,
        workers: 1,
        ...choice(start),
      }),
    starts: ALL,
  },
  certify: {
    prepare: async (library, folder) => void (await writeRun(library, folder)),
    run: (library, folder, out, start) =>
      library.certify(path.join(folder, "run"), { out, workers: 1, ...choice(start) }),
    starts: ALL,
  },
  predict: {
    prepare: async (library, folder) => void (await writeRun(library, folder)),
    run: async (library, folder, out) =>
      library.writePredictions(
        path.join(folder, "run"),
        await library.openDataset(path.join(folder, "data")),
        { out },
      ),
    starts: ["plain"],
  },
  report: {
    prepare: async (library, folder) => void (await writeRun(library, folder)),
    run: (library, folder, out, start) =>
      library.report([path.join(folder, "run")], { out: `${out}.html`, ...choice(start) }),
    starts: ["plain", "force"],
  },
  experiment: {
    prepare: async () => {},
    run: (library, _, out, start) =>
      library.runExperiment("paraboloid", { out, quick: true, ...choice(start) }),
    starts: ["plain", "force"],
  },
  part: {
    prepare: async () => {},
    run: (library, _, out, start) =>
      library.writePart({
        kind: "lsm",
        rows: 60,
        features: 2,
        shardRows: 20,
        workers: 1,
        shards: "1-2",
        out,
        ...choice(start),
      }),
    starts: ALL,
  },
  rows: {
    prepare: async () => {},
    run: (library, _, out, start) =>
      library.createDataset(
        Array.from({ length: 50 }, (__, row) => ({ a: row, b: row % 7, y: 2 * row })),
        { out, target: "y", shardRows: 20, ...choice(start) },
      ),
    starts: ALL,
  },
  "convert-parquet": {
    async prepare(library, folder) {
      const out = path.join(folder, "data");
      await library.writeDataset({
        kind: "lsm",
        rows: 60,
        features: 2,
        shardRows: 30,
        workers: 1,
        format: "parquet",
        out,
      });
    },
    run: (library, folder, out, start) =>
      library.convert(path.join(folder, "data", "*.parquet"), {
        out,
        target: "y",
        shardRows: 20,
        ...choice(start),
      }),
    starts: ALL,
  },
  "train-closed-form": {
    prepare: writeData,
    run: async (library, folder, out, start) =>
      library.train(await library.openDataset(path.join(folder, "data")), {
        out,
        model: "linear",
        optimizer: "closed-form",
        backend: "wasm",
        ...choice(start),
      }),
    starts: ["plain", "force"],
  },
  "train-from": {
    prepare: async (library, folder) => void (await writeRun(library, folder)),
    run: async (library, folder, out, start) =>
      library.train(await library.openDataset(path.join(folder, "data")), {
        out,
        from: `${path.join(folder, "run")}@3`,
        batchSize: 30,
        backend: "wasm",
        ...choice(start),
      }),
    starts: ALL,
  },
  export: {
    prepare: async (library, folder) => void (await writeRun(library, folder)),
    run: (library, folder, out, start) =>
      library.exportWeights(path.join(folder, "run"), `${out}.safetensors`, {
        force: start === "force",
      }),
    starts: ["plain", "force"],
  },
  "predict-arrow": {
    prepare: async (library, folder) => void (await writeRun(library, folder)),
    run: async (library, folder, out) =>
      library.writePredictions(
        path.join(folder, "run"),
        await library.openDataset(path.join(folder, "data")),
        { out, format: "arrow", batchSize: 20 },
      ),
    starts: ["plain"],
  },
  merge: {
    async prepare(library, folder) {
      const run = await writeRun(library, folder);
      for (const batch of [0, 1]) {
        const out = path.join(folder, `part-${batch}`);
        await library.landscape(run, { out, points: 4, batches: [batch], workers: 1 });
      }
    },
    run: (library, folder, out, start) =>
      library.mergeLandscapes(
        [0, 1].map((batch) => path.join(folder, `part-${batch}`)),
        { out, force: start === "force" },
      ),
    starts: ["plain", "force"],
  },
  "report-files": {
    async prepare(library, folder) {
      const run = await writeRun(library, folder);
      await library.landscape(run, {
        out: path.join(folder, "landscape"),
        points: 4,
        batches: 2,
        workers: 1,
      });
      // A report does without it, and says so.
      await rm(path.join(folder, "data"), { recursive: true });
    },
    run: (library, folder, out, start) =>
      library.report(
        ["run", "landscape"].map((name) => path.join(folder, name)),
        { out, format: "csv", force: start === "force" },
      ),
    starts: ["plain", "force"],
  },
  "experiment-slices": {
    prepare: async () => {},
    run: (library, _, out, start) =>
      library.runExperiment("slice-optimum", {
        out,
        quick: true,
        overrides: { rows: 200, points: 5 },
        ...choice(start),
      }),
    starts: ["plain", "force"],
  },
  "task-generate": inTasks(
    () => ({ job: "generate", kind: "lsm", rows: 60, features: 2, shardRows: 20 }),
    async () => {},
  ),
  "task-landscape": inTasks(
    (folder) => ({ job: "landscape", run: path.join(folder, "run"), points: 4, batches: 2 }),
    async (library, folder) => void (await writeRun(library, folder)),
  ),
  "task-evaluate": inTasks(
    (folder) => ({ job: "evaluate", run: path.join(folder, "run"), batchSize: 20 }),
    async (library, folder) => void (await writeRun(library, folder)),
  ),
};

/** The jobs that differ from those of the same name only in the seed, for a result to be replaced. */
const OTHER = {
  generate: {
    ...SMALL["generate"]!,
    run: (library: Library, _: string, out: string) =>
      library.writeDataset({ kind: "lsm", rows: 30, features: 1, workers: 1, out }),
  },
  landscape: {
    ...SMALL["landscape"]!,
    run: (library: Library, folder: string, out: string) =>
      library.landscape(path.join(folder, "run"), { out, points: 3, batches: 1, workers: 1 }),
  },
  train: {
    ...SMALL["train"]!,
    run: async (library: Library, folder: string, out: string) =>
      library.train(await library.openDataset(path.join(folder, "data")), {
        out,
        model: "linear",
        backend: "wasm",
      }),
  },
} satisfies Record<string, Job>;

export const JOBS: Readonly<Record<string, Job>> = {
  ...SMALL,
  ...Object.fromEntries(
    Object.entries(OTHER).map(([name, before]) => [
      `replace-${name}`,
      replacing(before, SMALL[name]!),
    ]),
  ),
};
