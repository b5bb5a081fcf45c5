import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset, type Dataset } from "../../../src/stream/index.js";
import { rowsOfRun, train, type RunRows } from "../../../src/train/index.js";
import { inFolder } from "../../helpers/folder.js";

const rows = 1500;
const features = 3;

async function datasetIn(folder: string): Promise<Dataset> {
  const out = path.join(folder, "data");
  await writeDataset({ kind: "two-layer-sigmoid", rows, features, shardRows: 400, seed: 10, out });
  return openDataset(out);
}

/** Each column less its mean, over its standard deviation, in float64. */
function standardised(values: Float32Array, columns: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let column = 0; column < columns; column++) {
    const own = Float64Array.from(values.filter((_, at) => at % columns === column));
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (own.length - 1));
    for (const [row, value] of own.entries()) {
      result[row * columns + column] = (value - mean) / deviation;
    }
  }
  return result;
}

/** All rows, from batches of 1000 put together. */
async function fromBatches(source: RunRows): Promise<{ x: Float32Array; y: Float32Array }> {
  const [x, y] = [new Float32Array(rows * features), new Float32Array(rows)];
  for await (const batch of source.batches({ batchSize: 1000 })) {
    x.set(batch.x, batch.index * 1000 * features);
    y.set(batch.y, batch.index * 1000);
  }
  return { x, y };
}

test(
  "the rows of a run that standardises are standardised, by head and by batches",
  inFolder(async (folder) => {
    const dataset = await datasetIn(folder);
    const options = { batchSize: 500, epochs: 1, standardize: true, backend: "cpu" } as const;
    const run = await train(dataset, { ...options, out: path.join(folder, "run") });
    const raw = await dataset.head(rows);
    const [x, y] = [standardised(raw.x, features), standardised(raw.y, 1)];
    const ofRun = rowsOfRun(run, dataset);
    for (const found of [await ofRun.head(rows), await fromBatches(ofRun)]) {
      for (const [at, value] of x.entries()) assert.ok(Math.abs(found.x[at]! - value) < 1e-6);
      for (const [at, value] of y.entries()) assert.ok(Math.abs(found.y[at]! - value) < 1e-6);
    }
    assert.is((await ofRun.head(7)).rows, 7);
    assert.equal(await dataset.head(rows), raw, "the dataset's own stay as they are");
  }),
);

test(
  "the rows of a run that does not are the dataset's",
  inFolder(async (folder) => {
    const dataset = await datasetIn(folder);
    const options = { batchSize: 500, epochs: 1, backend: "cpu" } as const;
    const run = await train(dataset, { ...options, out: path.join(folder, "run") });
    const ofRun = rowsOfRun(run, dataset);
    const { x, y } = await dataset.head(rows);
    assert.equal(await ofRun.head(rows), { x, y, rows });
    assert.equal(await fromBatches(ofRun), { x, y });
  }),
);

test.run();
