import { copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { landscape } from "../../../src/landscape/index.js";
import { listRuns, openRun, train } from "../../../src/train/index.js";
import { inFolder } from "../../helpers/folder.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset, type Dataset } from "../../../src/stream/index.js";
import { messageOf } from "../../helpers/message-of.js";
import { assert, test } from "../../helpers/test.js";

const options = { model: "linear", batchSize: 100, standardize: true } as const;

async function datasetIn(folder: string): Promise<Dataset> {
  const out = path.join(folder, "data");
  await writeDataset({ kind: "lsm", rows: 1000, features: 4, workers: 1, out });
  return openDataset(out);
}

/** Flips a bit in the middle of a file. Returns what restores it. */
async function flip(file: string): Promise<() => Promise<void>> {
  const bytes = await readFile(file);
  const changed = Buffer.from(bytes);
  const middle = bytes.length >> 1;
  changed[middle] = changed[middle]! ^ 1;
  await writeFile(file, changed);
  return () => writeFile(file, bytes);
}

test(
  "of a run that has ended every flipped bit is noticed before its files are used",
  inFolder(async (folder) => {
    const dataset = await datasetIn(folder);
    const out = path.join(folder, "run");
    const run = await train(dataset, { ...options, out, epochs: 2 });
    for (const name of [
      "run.json",
      "model/weights.bin",
      "model/model.json",
      "weights/weights.bin",
      "history.jsonl",
      "history.parquet",
    ]) {
      const restore = await flip(path.join(out, name));
      const refusal = await messageOf(openRun(out));
      // A record may not even be one any more.
      assert.ok(refusal.includes(name), `${name}: ${refusal}`);
      assert.is((await listRuns(folder))[0]!.status, "damaged", name);
      await restore();
    }
    const snapshot = path.join(out, "path", "step-10", "weights.bin");
    const restore = await flip(snapshot);
    await openRun(out);
    const along = { dataset, along: "path", points: 3, batches: 1 } as const;
    assert.match(await messageOf(landscape(run, along)), `${snapshot} is damaged`);
    const fork = { from: `${out}@10`, out: path.join(folder, "fork") };
    assert.match(await messageOf(train(dataset, fork)), `${snapshot} is damaged`);
    await restore();
    await landscape(run, along);
    await train(dataset, fork);
  }),
);

test(
  "the weights of another run are noticed; a run that goes on has new checksums in the end",
  inFolder(async (folder) => {
    const dataset = await datasetIn(folder);
    const [one, other] = [path.join(folder, "one"), path.join(folder, "other")];
    await train(dataset, { ...options, out: one, epochs: 1 });
    await train(dataset, { ...options, out: other, epochs: 1, seed: 7 });
    await train(dataset, { model: "linear", out: one, resume: true, epochs: 2 });
    await openRun(one);
    const weights = path.join(one, "weights", "weights.bin");
    await copyFile(path.join(other, "weights", "weights.bin"), weights);
    assert.match(await messageOf(openRun(one)), `${weights} is damaged: its SHA-256`);
    const again = { model: "linear", out: one, resume: true, epochs: 3 } as const;
    assert.match(await messageOf(train(dataset, again)), "is damaged");
    await train(dataset, { ...options, out: one, force: true });
    await openRun(one);
  }),
);

test.run();
