import { readFile } from "node:fs/promises";
import path from "node:path";
import { Matrix, solve } from "ml-matrix";
import { assert, test } from "../../helpers/test.js";
import { runExperiment } from "../../../src/experiments/index.js";
import type { OptionValue } from "../../../src/experiments/index.js";
import type { ReportSection } from "../../../src/report/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";

interface Made {
  out: string;
  results: Record<string, unknown>;
  sections: ReportSection[];
}

async function made(
  folder: string,
  name: string,
  overrides: Record<string, OptionValue>,
  quick = true,
): Promise<Made> {
  const out = path.join(folder, name);
  const { results } = await runExperiment(name, { out, overrides, quick });
  const document = JSON.parse(await readFile(path.join(out, "experiment.json"), "utf8")) as {
    sections: ReportSection[];
  };
  return { out, results, sections: document.sections };
}

/** Least squares with an intercept, in float64, on the rows as they are: weights, then intercept. */
async function leastSquares(folder: string, rows: number): Promise<number[]> {
  const { x, y, features } = { features: 10, ...(await (await openDataset(folder)).head(rows)) };
  const width = features + 1;
  const xx = Matrix.zeros(width, width);
  const xy = Matrix.zeros(width, 1);
  for (let row = 0; row < rows; row++) {
    const values = [...x.subarray(row * features, (row + 1) * features), 1];
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) xx.set(i, j, xx.get(i, j) + values[i]! * values[j]!);
      xy.set(i, 0, xy.get(i, 0) + values[i]! * y[row]!);
    }
  }
  return solve(xx, xy).to1DArray();
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

/** Quick forms with few rows; `scatter` is what SGD may be away from least squares. */
const LINEAR: [string, Record<string, OptionValue>, number][] = [
  ["closed-form", {}, 1e-5],
  ["gradient-descent", { epochs: 300, learningRate: 0.03 }, 1e-4],
  ["autograd", { epochs: 300, learningRate: 0.03 }, 1e-4],
  ["sgd", { learningRate: 0.01, epochs: 60, batchSize: 100 }, 0.02],
  ["batches-overlaid", { learningRate: 0.01, epochs: 60, batchSize: 100 }, 0.02],
  ["hundred-million", { learningRate: 0.05, epochs: 20, batchSize: 500 }, 0.02],
];

for (const [name, overrides, scatter] of LINEAR) {
  test(
    `${name} with --standardize: weights in the dataset's units beside the true ones and their bound`,
    inFolder(async (folder) => {
      const rows = 4000;
      const { out, results, sections } = await made(folder, name, {
        rows,
        standardize: true,
        ...overrides,
      });
      const found = [
        ...(results["estimatedWeights"] as number[]),
        results["estimatedBias"] as number,
      ];
      const exact = await leastSquares(path.join(out, "data/lsm"), rows);
      assert.ok(largest(found.map((value, at) => value - exact[at]!)) < scatter);
      const truth = [...(results["trueWeights"] as number[]), 0];
      const error = largest(found.map((value, at) => value - truth[at]!));
      assert.is(results["largestError"], error);
      assert.ok(error <= (results["errorBound"] as number));
      assert.ok((results["errorBound"] as number) < 0.1, "0.1/√4000 times some six, and SGD's own");
      assert.is(results["lossUnits"], "mean squared error of the standardised target");
      namesUnits(sections, true);
    }),
  );
}

/** Every axis and result that is a loss says what it is of. */
function namesUnits(sections: readonly ReportSection[], standardized: boolean): void {
  let losses = 0;
  for (const block of sections.flatMap(({ blocks }) => blocks)) {
    const words =
      block.kind === "table"
        ? block.rows.map(([name]) => String(name)).filter((name) => name.startsWith("final loss"))
        : [block.kind === "lines" ? block.y.title : block.z.title].filter((name) =>
            name.startsWith("loss"),
          );
    for (const word of words) {
      losses++;
      assert.is(word.includes("standardised target"), standardized, `${block.id}: ${word}`);
    }
  }
  assert.ok(losses > 0);
}

test(
  "plain and biased runs keep within their bounds, with options that move the weights",
  inFolder(async (folder) => {
    const runs: [string, Record<string, OptionValue>][] = [
      ["closed-form", { ridge: 500 }],
      ["closed-form", { noise: 0 }],
      ["gradient-descent", { bias: true }],
      ["autograd", {}],
      ["sgd", { bias: true, learningRate: 0.05, batchSize: 30, epochs: 10 }],
      ["sgd", { weightDecay: 0.1, learningRate: 0.02, batchSize: 100, epochs: 10 }],
      [
        "sgd",
        { validation: 0.5, schedule: "cosine", warmup: 5, learningRate: 0.05, batchSize: 50 },
      ],
      ["sgd", { noise: 0, batchSize: 100 }],
      ["sgd-large", { batchSize: 300, dropLast: true }],
      // Steps so many and batches so small that SGD's own noise is the most of the error.
      ["hundred-million", { rows: 200_000, batchSize: 100, learningRate: 0.01 }],
    ];
    for (const [name, overrides] of runs) {
      const { results, sections } = await made(folder, name, { rows: 4000, ...overrides });
      const error = results["largestError"] as number;
      assert.ok(error <= (results["errorBound"] as number), `${name} ${JSON.stringify(overrides)}`);
      assert.is(results["lossUnits"], "mean squared error of the target");
      namesUnits(sections, false);
    }
  }),
);

test(
  "where no bound is derived there is none, and results.json says why",
  inFolder(async (folder) => {
    const runs: [Record<string, OptionValue>, string][] = [
      [{ optimizer: "adam" }, "adam"],
      [{ clipNorm: 1 }, "clipped"],
      [{ validation: 0.2, patience: 3 }, "best epoch"],
      [{ rows: 50 }, "too few rows"],
    ];
    for (const [overrides, word] of runs) {
      const { results } = await made(folder, "sgd", { rows: 1000, epochs: 2, ...overrides });
      assert.is(results["errorBound"], null);
      assert.match(results["noErrorBound"] as string, word);
    }
  }),
);

for (const standardize of [true, false]) {
  test(
    `mlp ${standardize ? "with" : "without"} --standardize: the loss beside the target's variance in its units`,
    inFolder(async (folder) => {
      const rows = 5000;
      const { out, results, sections } = await made(folder, "mlp-batches-overlaid", {
        rows,
        epochs: 2,
        batchSize: 1000,
        standardize,
        points: 11,
      });
      const { y } = await (await openDataset(path.join(out, "data/two-layer-sigmoid"))).head(rows);
      const mean = y.reduce((sum, value) => sum + value, 0) / rows;
      const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
      const wanted = standardize ? 1 : variance;
      assert.ok(Math.abs((results["varianceOfTarget"] as number) / wanted - 1) < 1e-3);
      assert.is((results["lossUnits"] as string).includes("standardised"), standardize);
      namesUnits(sections, standardize);
      const slices = sections.find(({ id }) => id === "landscape-batches");
      assert.is(
        slices?.blocks.some(
          (block) => block.kind === "lines" && /standardised/.test(block.y.title),
        ),
        standardize,
      );
    }),
  );
}

test.run();
