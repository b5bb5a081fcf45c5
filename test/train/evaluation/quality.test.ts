import path from "node:path";
import { createDataset, evaluate, openRun, train } from "../../../src/index.js";
import type { Dataset, Run, TrainOptions } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { randomFractions } from "../../helpers/seed.js";
import { assert, test } from "../../helpers/test.js";

const ROWS = 3000;

/** Houses: features of unlike scales, and prices whose mean is a thousand times their spread. */
function house(row: number): { area: number; year: number; rooms: number; price: number } {
  const area = 40 + ((row * 37) % 101);
  const year = 1900 + ((row * 53) % 97);
  const rooms = 1 + ((row * 11) % 5);
  return {
    area,
    year,
    rooms,
    price: 4e6 + 30 * area + 5 * (year - 1950) - 100 * rooms + (row % 7),
  };
}

function makeHouses(folder: string): Promise<Dataset> {
  const rows = Array.from({ length: ROWS }, (_, row) => house(row));
  return createDataset(rows, { out: path.join(folder, "houses"), target: "price" });
}

function trained(dataset: Dataset, out: string, options: Partial<TrainOptions> = {}): Promise<Run> {
  return train(dataset, {
    out,
    optimizer: "sgd",
    learningRate: 0.05,
    batchSize: 100,
    epochs: 3,
    backend: "wasm",
    bias: true,
    ...options,
  });
}

interface Quality {
  loss: number;
  rSquared: number;
  meanAbsoluteError: number;
}

/** The model's predictions and their quality on some rows, in float64 and from the definitions. */
async function expected(run: Run, rows: Dataset): Promise<Quality & { prediction: number[] }> {
  const [layer] = await run.network();
  const { features, target } = run.record.standardize!;
  const y: number[] = [];
  const prediction: number[] = [];
  for await (const part of rows.float64Rows()) {
    for (let row = 0; row < part.rows; row++) {
      const output = features.reduce(
        (sum, { mean, scale }, column) =>
          sum +
          layer!.weights[column]! *
            Math.fround((part.x[row * features.length + column]! - mean) / scale),
        layer!.bias?.[0] ?? 0,
      );
      prediction.push(output * target!.scale + target!.mean);
      y.push(part.y[row]!);
    }
  }
  const errors = y.map((value, row) => prediction[row]! - value);
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  return {
    prediction,
    loss: squares / y.length,
    rSquared: 1 - squares / y.reduce((sum, value) => sum + (value - mean) ** 2, 0),
    meanAbsoluteError: errors.reduce((sum, error) => sum + Math.abs(error), 0) / y.length,
  };
}

function assertNear(found: number | null, wanted: number, tolerance: number): void {
  assert.ok(found !== null && Math.abs(found - wanted) <= tolerance, `${found}, not ${wanted}`);
}

test(
  "R² and mean absolute error of validation rows are those of float64, standardised and far from zero",
  inFolder(async (folder) => {
    const dataset = await makeHouses(folder);
    const run = await trained(dataset, path.join(folder, "run"), {
      standardize: true,
      validation: 0.2,
      seed: 5,
    });
    const [, kept] = await dataset.split([0.8, 0.2], { seed: 5 });
    const wanted = await expected(run, kept!);
    const { validation } = (await openRun(run.dir)).record.result!;
    assert.is(validation!.measures.length, 3);
    assert.equal(
      validation!.measures.map(({ loss }) => loss),
      validation!.losses,
    );
    const last = validation!.measures.at(-1)!;
    const { scale } = run.record.standardize!.target!;
    assert.ok(wanted.rSquared > 0.5 && wanted.rSquared < 0.999999, String(wanted.rSquared));
    assertNear(last.loss, wanted.loss / scale ** 2, 1e-6);
    assertNear(last.rSquared, wanted.rSquared, 1e-6);
    assertNear(last.meanAbsoluteError, wanted.meanAbsoluteError, 1e-6 * scale);
    const { measures, losses: _, epoch, rows, stoppedEarly: __, ...best } = validation!;
    assert.equal(best, measures[epoch - 1]!);
    assert.is(rows, kept!.rows);

    const all = await evaluate(run, kept);
    assertNear(all.meanAbsoluteError, wanted.meanAbsoluteError, 1e-6 * scale);
    const sample = (await run.predictions())!;
    assert.is(sample.target.length, kept!.rows);
    sample.prediction.forEach((value, row) =>
      assertNear(value, wanted.prediction[row]!, 1e-5 * scale),
    );
    assert.equal(run.record.dataset.columns, {
      features: ["area", "year", "rooms"],
      target: "price",
    });
  }),
);

test(
  "a resumed run has the quality of every epoch, and an interrupted one no sample of predictions",
  inFolder(async (folder) => {
    const dataset = await makeHouses(folder);
    const options = { standardize: true, validation: 0.2, epochs: 200 } as const;
    const whole = await trained(dataset, path.join(folder, "whole"), options);
    const out = path.join(folder, "run");
    const stop = new AbortController();
    const stopped = trained(dataset, out, {
      ...options,
      signal: stop.signal,
      onProgress: ({ rSquared }) => {
        if (rSquared !== undefined) stop.abort();
      },
    });
    await stopped.then(
      () => assert.unreachable("it was not interrupted"),
      () => undefined,
    );
    assert.is(await (await openRun(out)).predictions(), undefined);
    const run = await train(dataset, { out, resume: true });
    assert.equal(run.record.result!.validation, whole.record.result!.validation);
    assert.equal(await run.predictions(), await whole.predictions());
  }),
);

test(
  "features whose scales differ more than a hundredfold lead to a suggestion, which names them",
  inFolder(async (folder) => {
    const fractions = randomFractions(1500);
    const make = (name: string, size: number, mean: number): Promise<Dataset> =>
      createDataset(
        Array.from({ length: 500 }, (_, row) => ({
          small: fractions[row]! - 0.5,
          big: size * (fractions[500 + row]! - 0.5) + mean,
          y: fractions[1000 + row]!,
        })),
        { out: path.join(folder, name) },
      );
    const options = { epochs: 1, learningRate: 1e-9 };
    const warningsOf = async (
      dataset: Dataset,
      more: Partial<TrainOptions> = {},
    ): Promise<string> => {
      const run = await trained(dataset, path.join(folder, "run"), {
        ...options,
        force: true,
        ...more,
      });
      return (await openRun(run.dir)).warnings.join(" ");
    };
    const wide = await make("wide", 1000, 0);
    const says =
      /^The features' scales differ \d+-fold, from 0\.\d+ \(small\) to \d+ \(big\); train with --standardize/;
    assert.match(await warningsOf(wide), says);
    assert.is(await warningsOf(wide, { standardize: true }), "");
    const exact = { optimizer: "closed-form", learningRate: undefined, bias: false } as const;
    assert.is(await warningsOf(wide, exact), "");
    // Far from zero, though their spreads are alike.
    assert.match(await warningsOf(await make("far", 1, 1000)), says);
    assert.is(await warningsOf(await make("alike", 50, 0)), "");
  }),
);

test.run();
