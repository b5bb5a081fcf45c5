import { writeFile } from "node:fs/promises";
import path from "node:path";
import type * as Vadi from "../../src/index.js";

/* Small jobs of every command. The library is the one that users run: the bundle. */

type Library = typeof Vadi;

/** How a job is started: as the first time, to go on, or to begin again. */
export type Start = "plain" | "resume" | "force";

export interface Job {
  /** Makes what the job reads, in a folder. */
  prepare(library: Library, folder: string): Promise<void>;
  /** Does the job in the folder; all that it writes is in `out`, or is the file `out`. */
  run(library: Library, folder: string, out: string, start: Start): Promise<unknown>;
  /** The ways in which it can be started again. */
  starts: readonly Start[];
}

const choice = (start: Start): { resume?: true; force?: true } =>
  start === "plain" ? {} : { [start]: true };

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

export const JOBS: Readonly<Record<string, Job>> = {
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
};
