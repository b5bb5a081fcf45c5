import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { landscape } from "../../src/landscape/index.js";
import { sliceAround } from "../../src/report/watch/live-figures.js";
import { newestSnapshot } from "../../src/report/watch/snapshots.js";
import { writeDataset } from "../../src/storage/index.js";
import { openDataset } from "../../src/stream/index.js";
import { loadNetwork, type DenseNetwork } from "../../src/model/index.js";
import { train, type Run } from "../../src/train/index.js";
import { plainHalves, plainOutputs } from "../helpers/float64-network.js";
import { inFolder } from "../helpers/folder.js";

/** Landscapes of a run whose weights are those of standardised rows. */

const rows = 1200;
const features = 4;

/** A run that standardises, and its rows standardised in float64 by their own mean and deviation. */
async function given(
  folder: string,
  bias: boolean,
): Promise<{ run: Run; x: Float32Array; y: Float32Array }> {
  const out = path.join(folder, "data");
  await writeDataset({ kind: "two-layer-sigmoid", rows, features, seed: 10, out });
  const dataset = await openDataset(out);
  const run = await train(dataset, {
    model: "mlp",
    standardize: true,
    bias,
    batchSize: 400,
    epochs: 3,
    learningRate: 0.05,
    backend: "cpu",
    out: path.join(folder, "run"),
  });
  const raw = await dataset.head(rows);
  return { run, x: standardised(raw.x, features), y: standardised(raw.y, 1) };
}

function standardised(values: Float32Array, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let column = 0; column < columns; column++) {
    let mean = 0;
    for (let at = column; at < values.length; at += columns) mean += values[at]! / rows;
    let squares = 0;
    for (let at = column; at < values.length; at += columns) squares += (values[at]! - mean) ** 2;
    const deviation = Math.sqrt(squares / (rows - 1));
    for (let at = column; at < values.length; at += columns) {
      result[at] = (values[at]! - mean) / deviation;
    }
  }
  return result;
}

/** The mean squared error of rows from … to−1. */
function lossOf(
  network: DenseNetwork,
  x: Float32Array,
  y: Float32Array,
  from: number,
  to: number,
): number {
  let sum = 0;
  for (let row = from; row < to; row++) {
    const outputs = plainOutputs(network, x.subarray(row * features, (row + 1) * features));
    sum += (outputs.at(-1)![0]! - y[row]!) ** 2;
  }
  return sum / (to - from);
}

const near = (found: number, expected: number, tolerance = 1e-5): void =>
  assert.ok(
    Math.abs(found - expected) <= tolerance * (1e-3 + Math.abs(expected)),
    `${found}, expected ${expected}`,
  );

test(
  "the gradient is that of the standardised rows, biases included",
  inFolder(async (folder) => {
    const { run, x, y } = await given(folder, true);
    const made = await landscape(run, { along: "gradient", batches: "all", points: 3 });
    const network = await run.network();
    const halves = plainHalves(network, x, y, rows);
    const found = (await made.direction()).flatMap(({ weights, bias }) => [weights, bias!]);
    assert.is(found.length, halves.length);
    for (const [at, part] of halves.entries()) {
      for (const [index, half] of part.entries()) near(found[at]![index]!, (2 * half) / rows, 1e-4);
    }
  }),
);

test(
  "a watched run's slices are those of its weights, also at its end",
  inFolder(async (folder) => {
    for (const bias of [false, true]) {
      const inside = path.join(folder, String(bias));
      const { run, x, y } = await given(inside, bias);
      const snapshot = await newestSnapshot(run);
      const figure = await sliceAround(run, snapshot!, new AbortController().signal);
      const network = await run.network();
      for (const [batch, expected] of [0, 1, 2].map(
        (number) => [number, lossOf(network, x, y, number * 400, number * 400 + 400)] as const,
      )) {
        const series = figure.series.find(({ name }) => name === `batch ${batch}`)!;
        const middle = Array.from(series.x).indexOf(0);
        near(series.y[middle]!, expected);
      }
    }
  }),
);

test(
  "a line to the run's own model leads to the weights that it was trained to",
  inFolder(async (folder) => {
    const { run } = await given(folder, true);
    for (const end of [run.dir, path.join(run.dir, "model"), path.join(run.dir, "weights")]) {
      // From the snapshot before the first step, as a run of no epochs would leave it.
      const from = { ...run, weights: () => loadNetwork(path.join(run.dir, "path", "step-0")) };
      const made = await landscape(from, {
        along: `model:${end}`,
        points: 2,
        batches: 1,
        out: path.join(folder, `to ${path.basename(end)}`),
      });
      const [centre, direction] = [await made.centre(), await made.direction()];
      for (const [at, { weights, bias }] of (await run.network()).entries()) {
        for (const key of ["weights", "bias"] as const) {
          const expected = { weights, bias: bias! }[key];
          for (const [index, value] of expected.entries()) {
            near(centre[at]![key]![index]! + direction[at]![key]![index]!, value);
          }
        }
      }
    }
  }),
);

test.run();
