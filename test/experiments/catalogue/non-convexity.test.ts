import { readFile } from "node:fs/promises";
import path from "node:path";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { assert, test } from "../../helpers/test.js";
import { runExperiment } from "../../../src/experiments/index.js";
import type { OptionValue } from "../../../src/experiments/index.js";
import { reversedUnits } from "../../../src/experiments/convexity/networks.js";
import { openCurvature, type PathSharpness } from "../../../src/curvature/index.js";
import type { Barrier, ScaleSymmetry } from "../../../src/landscape/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { loadNetwork, type DenseNetwork } from "../../../src/model/index.js";
import { openRun } from "../../../src/train/index.js";
import { plainHalves, plainSquares, type PlainLayer } from "../../helpers/float64-network.js";
import { inFolder } from "../../helpers/folder.js";
import { eigenvaluesOf as spectrumOf, wholeHessian } from "../../curvature/dense-spectrum.js";
import { lossAt, network, normals, numbers } from "../../landscape/numbers.js";

test("a network with its hidden units in another order is the same function", () => {
  const next = normals(3);
  const plain = network(next, [3, 5, 4, 1], 1);
  const reversed = reversedUnits(plain);
  const [x, y] = [numbers(next, 60), numbers(next, 20)];
  const loss = lossAt(plain, plain, 0, x, y);
  assert.ok(Math.abs(lossAt(reversed, plain, 0, x, y) - loss) <= 1e-12 * loss);
  assert.not.equal(reversed[0]!.weights, plain[0]!.weights);
  assert.equal(reversedUnits(reversed), plain);
});

interface Witness {
  alphas: [number, number, number];
  losses: [number, number, number];
  excess: number;
  rounding: number;
  convex: boolean;
}

interface Curvature {
  eigenvalue: number;
  residual: number;
  converged: boolean;
  largest: number;
  sign: string;
  rows: number;
}

interface Ends {
  least: { eigenvalue: number };
  largest: { eigenvalue: number };
}

interface Certified {
  rows: number;
  convex: boolean | null;
  lengths: Record<"convex" | "negative" | "undecided", number>;
  least: { verdict: string; least: number; bound: number };
}

interface Results {
  lossUnits: string;
  random: { parameters: number; expected: number; share: number };
  spectrum: { least: { eigenvalue: number }[]; largest: { eigenvalue: number }[] };
  parts: { gaussNewton: Ends; residual: Ends };
  certificates: Record<"random" | "batch" | "mean", Certified>;
  kinks: { switches: number; quotient: number; fromKinks: number }[];
  linearCertificate: Certified;
  otherMinimum: Witness;
  factors?: ScaleSymmetry;
  edge: PathSharpness & { rows: number; learningRate: number };
  barriers: Record<"asTrained" | "matched" | "initial", Barrier>;
  permutation: Witness;
  depth: Witness & { lossAtZero: number };
  curvature: Witness & Curvature;
  linearCurvature: Curvature;
  linear: Witness;
}

/** The text of each proof on the page. */
type Texts = Record<"permutation" | "depth" | "curvature" | "linear", string>;

async function resultsOf(
  out: string,
  overrides: Record<string, OptionValue>,
  quick = false,
): Promise<{ results: Results; texts: Texts }> {
  const { results, report } = await runExperiment("non-convexity", { out, overrides, quick });
  const document = JSON.parse(await readFile(path.join(out, "experiment.json"), "utf8")) as {
    sections: { id: string; title: string; text?: string }[];
  };
  const texts = Object.fromEntries(
    document.sections
      .filter(({ id }) => id.startsWith("proof-"))
      .map(({ id, title, text }) => [id.slice("proof-".length), `${title}: ${text}`]),
  ) as Texts;
  const page = await readFile(report, "utf8");
  for (const text of Object.values(texts)) assert.match(page, text.slice(-60));
  assert.not.match(page, /equal minima|different valleys/i);
  return { results: results as unknown as Results, texts };
}

/** All numbers of a network, layer by layer, biases after weights, in float64. */
const vectorOf = (layers: DenseNetwork): Float64Array =>
  Float64Array.from(layers.flatMap(({ weights, bias }) => [...weights, ...(bias ?? [])]));

/** The network's layers with other numbers. */
function shaped(layers: DenseNetwork, vector: Float64Array): PlainLayer[] {
  let end = 0;
  return layers.map(({ inputs, outputs, activation, weights, bias }) => ({
    inputs,
    outputs,
    activation,
    weights: vector.slice(end, (end += weights.length)),
    ...(bias && { bias: vector.slice(end, (end += bias.length)) }),
  }));
}

interface Rows {
  x: Float32Array;
  y: Float32Array;
}

function mean(layers: DenseNetwork, vector: Float64Array, { x, y }: Rows, rows: number): number {
  return plainSquares(shaped(layers, vector), x, y, rows) / rows;
}

/** The loss's Hessian, column by column as the gradient's difference quotient. */
function hessianOf(layers: DenseNetwork, { x, y }: Rows, rows: number): Matrix {
  const at = vectorOf(layers);
  // So small that hardly a unit of a row switches within it.
  const step = 1e-7;
  const gradient = (column: number, by: number): number[] => {
    const moved = at.slice();
    moved[column]! += by;
    return plainHalves(shaped(layers, moved), x, y, rows).flatMap((part) =>
      Array.from(part, (half) => (2 * half) / rows),
    );
  };
  const columns = Array.from(at, (_, column) => {
    const [up, down] = [gradient(column, step), gradient(column, -step)];
    return up.map((value, row) => (value - down[row]!) / (2 * step));
  });
  const matrix = new Matrix(columns);
  return matrix.add(matrix.transpose()).mul(0.5);
}

const eigenvaluesOf = (matrix: Matrix): number[] =>
  new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues.toSorted(
    (one, other) => one - other,
  );

/** Each column less its mean, over its standard deviation: in float64, then rounded as rows are. */
function standardised(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  const result = new Float32Array(values.length);
  for (let column = 0; column < columns; column++) {
    const own = Float64Array.from(values.filter((_, at) => at % columns === column));
    const middle = own.reduce((sum, value) => sum + value, 0) / rows;
    const squares = own.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    const deviation = Math.sqrt(squares / (rows - 1));
    for (const [row, value] of own.entries()) {
      result[row * columns + column] = (value - middle) / deviation;
    }
  }
  return result;
}

const FEATURES = 2;
const ROWS = 900;
const BATCH = 300;

function near(found: number, expected: number, relative: number, what: string): void {
  const difference = Math.abs(found - expected);
  assert.ok(difference <= relative * Math.abs(expected), `${what}: ${found}, not ${expected}`);
}

const CASES: Record<string, OptionValue>[] = [
  {},
  { bias: true },
  { standardize: true },
  { activation: "tanh", standardize: true },
  { activation: "tanh", bias: true, standardize: true },
];

for (const own of CASES) {
  const { activation = "relu", bias = false, standardize = false } = own as Record<string, unknown>;
  test(
    `${JSON.stringify(own)}: losses and curvature are those of a float64 computation`,
    inFolder(async (folder) => {
      const out = path.join(folder, "out");
      const { results, texts } = await resultsOf(out, {
        ...own,
        rows: ROWS,
        features: FEATURES,
        batchSize: BATCH,
        epochs: 30,
        points: 21,
        backend: "cpu",
      });
      const dataset = await openDataset(path.join(out, "data/two-layer-sigmoid"));
      const raw = await dataset.head(ROWS);
      const rows = standardize
        ? { x: standardised(raw.x, FEATURES), y: standardised(raw.y, 1) }
        : { x: raw.x, y: raw.y };
      const layers = await (await openRun(path.join(out, "runs/mlp"))).network();
      assert.is(layers[0]!.activation, activation);
      assert.is(layers[0]!.bias !== undefined, bias);
      const weights = vectorOf(layers);

      // The line to the reversed units: at 0 and 1 the trained network's loss.
      const twin = vectorOf(reversedUnits(layers));
      const along = (end: Float64Array, alpha: number): Float64Array =>
        weights.map((value, at) => value + alpha * (end[at]! - value));
      const { permutation, depth, curvature, linearCurvature, linear } = results;
      assert.is(permutation.alphas[0], 0);
      assert.is(permutation.alphas[2], 1);
      const zeros = new Float64Array(weights.length);
      for (const [witness, end] of [
        [permutation, twin],
        [depth, zeros],
      ] as const) {
        const expected = witness.alphas.map((alpha) =>
          mean(layers, along(end, alpha), rows, BATCH),
        );
        for (const [at, loss] of witness.losses.entries()) near(loss, expected[at]!, 1e-6, "loss");
        const [a, b, c] = witness.alphas;
        const chord = expected[0]! + ((b - a) / (c - a)) * (expected[2]! - expected[0]!);
        assert.ok(Math.abs(witness.excess - (expected[1]! - chord)) < 1e-6 * expected[1]!);
        assert.is(witness.convex, witness.excess <= witness.rounding);
      }
      near(permutation.losses[0], permutation.losses[2], 1e-6, "equal losses");

      // The end of the line to zero predicts 0, biases or not.
      const square = rows.y.slice(0, BATCH).reduce((sum, y) => sum + y ** 2, 0) / BATCH;
      near(depth.lossAtZero, square, 1e-6, "mean of y²");
      near(mean(layers, zeros, rows, BATCH), square, 1e-12, "mean of y²");
      const end = vectorOf(await loadNetwork(path.join(out, "runs/mlp-zero")));
      assert.equal(end, zeros);

      // The Hessian of all weights and biases.
      const hessian = hessianOf(layers, rows, ROWS);
      const eigenvalues = eigenvaluesOf(hessian);
      const { eigenvalue, residual } = curvature;
      assert.is(curvature.rows, ROWS);
      assert.is(curvature.converged, true);
      assert.ok(
        Math.abs(eigenvalue - eigenvalues[0]!) <= residual + 1e-6,
        `${eigenvalue} ± ${residual}, not ${eigenvalues[0]}`,
      );
      assert.ok(curvature.largest <= eigenvalues.at(-1)! + 1e-6);
      // The bent network lies along its eigenvector.
      const bent = vectorOf(await loadNetwork(path.join(out, "runs/mlp-bent")));
      const direction = Matrix.columnVector(bent.map((value, at) => value - weights[at]!));
      const length = direction.norm();
      const moved = hessian.mmul(direction);
      near(direction.dot(moved) / length ** 2, eigenvalue, 1e-2, "curvature along the bent end");
      const off = moved.sub(direction.clone().mul(eigenvalue)).norm() / length;
      assert.ok(off <= residual + 1e-3 * Math.abs(eigenvalues.at(-1)!), `off by ${off}`);
      for (const [at, alpha] of [-1, 0, 1].entries()) {
        near(curvature.losses[at]!, mean(layers, along(bent, alpha), rows, ROWS), 1e-6, "loss");
      }

      // The linear model: 2XᵀX/n, with a column of ones for its bias.
      const table = Array.from({ length: ROWS }, (_, row) => [
        ...rows.x.subarray(row * FEATURES, (row + 1) * FEATURES),
        ...(bias ? [1] : []),
      ]);
      const x = new Matrix(table);
      const linearEigenvalues = eigenvaluesOf(
        x
          .transpose()
          .mmul(x)
          .mul(2 / ROWS),
      );
      const difference = Math.abs(linearCurvature.eigenvalue - linearEigenvalues[0]!);
      assert.ok(difference <= linearCurvature.residual + 1e-9);
      assert.is(linearCurvature.sign, "positive");
      assert.is(linear.convex, true);

      // Sentences hold for the model and the numbers beside them.
      const negative = eigenvalue + residual < 0;
      assert.is(curvature.sign === "negative", negative);
      assert.is(curvature.convex, !(negative || curvature.excess > curvature.rounding));
      assert.is(texts.permutation.includes("a barrier between"), !permutation.convex);
      assert.match(texts.permutation, "need not be minima");
      assert.is(texts.depth.includes("prove that the loss is not convex"), !depth.convex);
      assert.is(texts.depth.includes("t³"), !bias && activation !== "sigmoid");
      assert.is(texts.depth.includes("tanh"), !bias && activation === "tanh");
      assert.is(texts.depth.includes("weights and biases"), bias);
      assert.is(texts.curvature.includes("kink"), activation === "relu");
      assert.is(texts.curvature.includes("has a negative eigenvalue"), negative);
      assert.is(texts.curvature.includes("has converged"), true);
      assert.is(results.lossUnits.includes("standardised"), standardize);
    }),
  );
}

test(
  "non-convexity: a barrier, a line that bends downwards, a negative eigenvalue, and none in the linear model",
  inFolder(async (folder) => {
    const out = path.join(folder, "out");
    const { results, texts } = await resultsOf(out, {
      rows: 10_000,
      batchSize: 500,
      epochs: 20,
    });
    const { permutation, depth, curvature, linear, linearCurvature } = results;
    const [left, middle, right] = permutation.losses;
    assert.ok(Math.abs(left - right) < 1e-6 * left, `two equal losses: ${left}, ${right}`);
    assert.ok(middle > 2 * left, `a barrier: ${permutation.losses.join(", ")}`);
    for (const witness of [permutation, depth]) {
      assert.ok(witness.excess > 1e6 * witness.rounding, JSON.stringify(witness));
      assert.is(witness.convex, false);
    }
    assert.match(texts.permutation, "a barrier between them");
    assert.match(texts.depth, "A line that bends downwards");
    // The valley of two layers' factors, and the other training's barrier, which matching its units lowers.
    const { factors, barriers } = results;
    assert.ok(factors!.rise!.value > 1e3 * factors!.rise!.bound, JSON.stringify(factors));
    assert.ok(barriers.matched.height < barriers.asTrained.height, JSON.stringify(barriers));
    const { otherMinimum } = results;
    assert.ok(otherMinimum.losses[1] - otherMinimum.losses[0] > 0.5 * barriers.asTrained.height);
    assert.is(barriers.initial.rise, 0, "from the initial weights the loss only falls");
    assert.ok(linear.excess <= linear.rounding);
    assert.is(linear.convex, true);
    assert.ok(curvature.eigenvalue + curvature.residual < 0, JSON.stringify(curvature));
    assert.ok(curvature.excess > 1e3 * curvature.rounding, JSON.stringify(curvature));
    assert.is(curvature.convex, false);
    assert.ok(linearCurvature.eigenvalue > linearCurvature.residual);
    assert.ok(linearCurvature.eigenvalue <= linearCurvature.largest);
    await checkEdge(out, results.edge);
  }),
);

/** Gradient descent climbs to 2/η and stays there: by the whole Hessian on both sides of the crossing. */
async function checkEdge(out: string, edge: Results["edge"]): Promise<void> {
  const { rows, learningRate, first, stability } = edge;
  const { crossing, since } = stability!;
  assert.is(rows, 1000);
  assert.ok(first.largest < 0.6 * crossing!.limit && crossing!.after !== null);
  assert.is(crossing!.limit, 2 / learningRate);
  assert.ok(since!.snapshots > 50 && since!.least > 0.9 && since!.largest < 1.2);
  const { alongPath } = await openCurvature(path.join(out, "runs/edge/curvature/hessian"));
  const found = await alongPath();
  const { x, y } = await (await openDataset(path.join(out, "data/edge"))).head(rows);
  for (const step of [crossing!.after!, crossing!.by]) {
    const layers = await loadNetwork(path.join(out, `runs/edge/path/step-${step}`));
    const hessian = wholeHessian(layers, x, y);
    const expected = spectrumOf(hessian)(hessian.size - 1);
    const { largest, residual } = found.find((one) => one.step === step)!;
    const difference = Math.abs(largest - expected);
    assert.ok(difference <= residual + 1e-9, `step ${step}: ${largest}, not ${expected}`);
    assert.is(expected > 2 / learningRate, step !== crossing!.after, `step ${step}`);
  }
}

test(
  "the quick form: the spectrum, the certificates and the kinks agree with each other",
  inFolder(async (folder) => {
    const out = path.join(folder, "out");
    const overrides = {
      rows: 3000,
      batchSize: 1000,
      features: 4,
      points: 11,
      batches: 1,
      bias: true,
    };
    const { results } = await resultsOf(out, overrides, true);
    const { random, spectrum, parts, certificates, kinks, curvature } = results;
    assert.is(random.parameters, 225);
    assert.ok(random.share > 0 && random.share < 0.5, "little of the curvature is negative");
    assert.ok(random.expected > 0);
    assert.is(spectrum.least[0]!.eigenvalue, curvature.eigenvalue);
    // Weyl: between the ends of the sum and those of the parts.
    const { eigenvalue: largest } = spectrum.largest[0]!;
    assert.ok(largest <= parts.gaussNewton.largest.eigenvalue + parts.residual.largest.eigenvalue);
    assert.ok(curvature.eigenvalue >= parts.residual.least.eigenvalue - 1e-9);
    const { mean: all, batch, random: straight } = certificates;
    assert.is(all.rows, 3000);
    assert.is(batch.rows, 1000);
    // At the weights the line bends as the eigenvalue says, and so by less somewhere.
    assert.is(all.convex, false);
    assert.is(all.least.verdict, "negative");
    assert.ok(all.least.least <= curvature.eigenvalue + curvature.residual + all.least.bound);
    assert.ok(straight.lengths.convex > all.lengths.convex, "a random direction looks convex");
    // Along the largest eigenvalue's, mostly a bias, units need not switch.
    const [worst, steepest] = kinks;
    assert.ok(worst!.switches > 100 && worst!.fromKinks !== 0, JSON.stringify(worst));
    assert.is(steepest!.switches > 0, steepest!.fromKinks !== 0);
    assert.is(results.linearCertificate.convex, true);
    assert.is(results.otherMinimum.convex, false);
  }),
);

test.run();
