// Measures how well each shuffle mixes, against the exact one, and draws it:
// `npm run shuffle-quality -- --rows 1M --out docs/shuffle-quality.svg`.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatCount } from "../src/common/text/numbers.js";
import { parseCount } from "../src/common/text/parse.js";
import { messageOf } from "../src/common/errors.js";
import { generate } from "../src/index.js";
import { openDataset, SHUFFLE_MODES, type Dataset, type ShuffleMode } from "../src/stream/index.js";
import { drawQuality, type Quality } from "./shuffle-quality-picture.js";

const FEATURES = 10;
const BATCH = 1000;
const SEED = 1;
const EPOCHS = 10;
const LEARNING_RATE = 0.01;
/** As large as a weight: which rows come last then shows in the weights. */
const NOISE = 1;
const STEPS = 20;

/** The rows of a dataset, and the place of each in order of its target. */
interface Known {
  x: Float32Array;
  y: Float32Array;
  /** byTarget[r]: the row that is r-th in order of the targets. */
  byTarget: Uint32Array;
}

async function readAll(dataset: Dataset): Promise<Known> {
  const x = new Float32Array(dataset.rows * FEATURES);
  const y = new Float32Array(dataset.rows);
  let at = 0;
  for await (const batch of dataset.batches({ batchSize: 65_536, recycle: true })) {
    x.set(batch.x, at * FEATURES);
    y.set(batch.y, at);
    at += batch.rows;
  }
  return { x, y, byTarget: Uint32Array.from(y.keys()).toSorted((a, b) => y[a]! - y[b]!) };
}

// The places in the file, batch after batch: rows are known by their first feature and target.
async function* placesOf(
  dataset: Dataset,
  places: ReadonlyMap<string, number>,
  shuffle: ShuffleMode,
  epoch: number,
): AsyncGenerator<number[], void, void> {
  const options = { batchSize: BATCH, shuffle, seed: SEED, epoch };
  for await (const { x, y, rows } of dataset.batches(options)) {
    yield Array.from({ length: rows }, (_, row) => {
      const place = places.get(`${x[row * FEATURES]} ${y[row]}`);
      if (place === undefined) throw new Error("A row is none of the dataset's.");
      return place;
    });
  }
}

/**
 * SGD on the linear model, where the file's r-th row is the r-th by its target: the order of a
 * shuffle is a function of row numbers alone, so it is applied to the sorted table.
 */
function sgdStep(known: Known, places: readonly number[], w: Float64Array): void {
  const gradient = new Float64Array(FEATURES);
  for (const place of places) {
    const row = known.byTarget[place]!;
    let residual = -known.y[row]!;
    for (let feature = 0; feature < FEATURES; feature++) {
      residual += w[feature]! * known.x[row * FEATURES + feature]!;
    }
    for (let feature = 0; feature < FEATURES; feature++) {
      gradient[feature]! += residual * known.x[row * FEATURES + feature]!;
    }
  }
  for (let feature = 0; feature < FEATURES; feature++) {
    w[feature]! -= (LEARNING_RATE * 2 * gradient[feature]!) / places.length;
  }
}

function loss({ x, y }: Known, w: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < y.length; row++) {
    let residual = -y[row]!;
    for (let feature = 0; feature < FEATURES; feature++) {
      residual += w[feature]! * x[row * FEATURES + feature]!;
    }
    sum += residual * residual;
  }
  return sum / y.length;
}

async function measure(
  dataset: Dataset,
  known: Known,
  places: ReadonlyMap<string, number>,
  shuffle: ShuffleMode,
): Promise<Quality> {
  const { rows } = dataset;
  const w = new Float64Array(FEATURES);
  const excess = [loss(known, w) / NOISE ** 2 - 1];
  const counts = new Float64Array(STEPS + 1);
  let distance = 0;
  let squares = 0;
  let batches = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    let at = 0;
    for await (const batch of placesOf(dataset, places, shuffle, epoch)) {
      sgdStep(known, batch, w);
      const mean = batch.reduce((sum, place) => sum + place, 0) / batch.length;
      if (batch.length === BATCH) {
        squares += (mean - (rows - 1) / 2) ** 2;
        batches++;
      }
      for (const place of batch) {
        const share = Math.abs(place - at++) / rows;
        distance += share;
        counts[Math.min(STEPS, Math.ceil(share * STEPS))]!++;
      }
    }
    excess.push(loss(known, w) / NOISE ** 2 - 1);
  }
  // The mean of n of N row numbers has this variance where every choice is equally likely.
  const expected = ((rows ** 2 - 1) / 12) * ((rows - BATCH) / (rows - 1) / BATCH);
  let below = 0;
  const reached = excess.findLastIndex((value) => !(value < 0.002)) + 1;
  return {
    shuffle,
    distance: distance / rows / EPOCHS,
    travelled: Array.from(counts, (count) => (below += count / rows / EPOCHS)),
    batchVariance: squares / batches / expected,
    excess,
    epochs: reached > EPOCHS ? undefined : reached,
  };
}

function describe(rows: number, found: readonly Quality[]): string {
  const lines = found.map(({ shuffle, distance, batchVariance, excess, epochs }) =>
    [
      shuffle.padEnd(8),
      `${(100 * distance).toFixed(1)} %`.padStart(14),
      batchVariance.toPrecision(3).padStart(18),
      (excess.at(-1) ?? NaN).toPrecision(3).padStart(18),
      String(epochs ?? `over ${EPOCHS}`).padStart(12),
    ].join(""),
  );
  return [
    `${formatCount(rows)} rows, batches of ${BATCH}, ${EPOCHS} epochs`,
    "          mean distance   variance of means   excess at the end   epochs",
    ...lines,
  ].join("\n");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "100k" },
      out: { type: "string", default: "docs/shuffle-quality.svg" },
    },
  });
  const rows = parseCount(values.rows, "--rows");
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-quality-"));
  try {
    const out = path.join(folder, "data");
    const spec = { kind: "lsm", rows, features: FEATURES, noise: NOISE, seed: SEED } as const;
    // Twenty shards, as a large dataset has many.
    await generate({ ...spec, out, shardRows: Math.ceil(rows / 20) });
    const dataset = await openDataset(out);
    const known = await readAll(dataset);
    const places = new Map(
      Array.from(known.y, (y, row) => [`${known.x[row * FEATURES]} ${y}`, row] as const),
    );
    const found: Quality[] = [];
    for (const shuffle of SHUFFLE_MODES) {
      found.push(await measure(dataset, known, places, shuffle));
    }
    await writeFile(values.out, drawQuality(found, STEPS));
    process.stdout.write(`${describe(rows, found)}\nThe picture is ${values.out}.\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
