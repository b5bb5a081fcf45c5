import { assert, test } from "../helpers/test.js";
import { summariseQuadratics } from "../../src/landscape/summary/quadratic-summary.js";
import { createStretches } from "../../src/landscape/summary/stretch.js";
import { openQuadraticKernel } from "../../src/landscape/summary/summary-kernel.js";
import { exactMoments, quotient, toWhole } from "./exact-moments.js";
import { normals } from "./numbers.js";

const names = ["mean", "variance", "min", "max", "q05", "q25", "q50", "q75", "q95"] as const;
type Columns = Record<(typeof names)[number], Float64Array>;
/** c, l and q of some batches. */
type Coefficients = readonly [Float64Array, Float64Array, Float64Array];

const fractions = { min: 0, max: 1, q05: 0.05, q25: 0.25, q50: 0.5, q75: 0.75, q95: 0.95 };

function columnsFor(points: number): Columns {
  return Object.fromEntries(names.map((name) => [name, new Float64Array(points)])) as Columns;
}

/** The losses at α, by a plain loop, all of them sorted. */
function lossesAt([c, l, q]: Coefficients, alpha: number): Float64Array {
  const losses = c.map((constant, index) => constant + alpha * (l[index]! + alpha * q[index]!));
  return losses.map((loss) => (loss > 0 ? loss : loss > -Infinity ? 0 : Infinity)).toSorted();
}

/** Type 7 of Hyndman and Fan, written out. */
function quantileOf(sorted: Float64Array, fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low === high || position === below ? low : low + (position - below) * (high - low);
}

/** What the largest terms of the losses about |α| ≤ A come to. */
function boundOf([c, l, q]: Coefficients, away: number): number {
  const [constant = 0, linear = 0, quadratic = 0] = [c, l, q].map((part) =>
    part.reduce((a, b) => Math.max(a, Math.abs(b)), 0),
  );
  return constant + away * (linear + away * quadratic);
}

/** Asserts a point's quantiles, to the bit. */
function assertQuantiles(found: Columns, point: number, sorted: Float64Array, alpha: number): void {
  for (const [name, fraction] of Object.entries(fractions)) {
    const value = found[name as keyof typeof fractions][point]!;
    const expected = quantileOf(sorted, fraction);
    assert.ok(Object.is(value, expected), `${name} at ${alpha}: ${value} for ${expected}`);
  }
}

/** Asserts a point's summary: quantiles to the bit, moments within a bound of the exact ones. */
function assertPoint(
  found: Columns,
  point: number,
  coefficients: Coefficients,
  alpha: number,
): void {
  const sorted = lossesAt(coefficients, alpha);
  assertQuantiles(found, point, sorted, alpha);
  if (sorted.at(-1) === Infinity) {
    assert.is(found.mean[point], Infinity);
    assert.is(found.variance[point], Infinity);
    return;
  }
  const { mean, variance } = exactMoments(coefficients, alpha);
  // Losses are rounded by a few units in the last place of their largest terms, and so are deviations.
  const rounded = 2 ** -44 * boundOf(coefficients, Math.abs(alpha));
  assert.ok(Math.abs(found.mean[point]! - mean) <= rounded, `mean at ${alpha}`);
  const deviation = Math.sqrt(variance);
  const off = Math.abs(Math.sqrt(found.variance[point]!) - deviation);
  assert.ok(off <= rounded + 1e-13 * deviation, `variance at ${alpha}: off by ${off}`);
  assert.ok(found.variance[point]! >= 0 && found.mean[point]! >= 0);
}

function spaced(from: number, to: number, points: number): Float64Array {
  return Float64Array.from({ length: points }, (_, at) =>
    points === 1 ? from : from + ((to - from) * at) / (points - 1),
  );
}

/** Means of squares of r + αq over three rows of each batch, as a landscape's are. */
function meansOfSquares(next: () => number, count: number, spread = 1): Coefficients {
  const parts = [0, 1, 2].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let batch = 0; batch < count; batch++) {
    for (let row = 0; row < 3; row++) {
      const [r, q] = [1 + spread * next(), 2 + spread * next()];
      parts[0][batch]! += (r * r) / 3;
      parts[1][batch]! += (2 * r * q) / 3;
      parts[2][batch]! += (q * q) / 3;
    }
  }
  return parts;
}

async function summariseLine(coefficients: Coefficients, alphas: Float64Array): Promise<Columns> {
  const summary = columnsFor(alphas.length);
  const lines = {
    alphas,
    betas: Float64Array.of(0),
    count: coefficients[0].length,
    coefficients: () => coefficients,
  };
  await summariseQuadratics(lines, summary, () => Promise.resolve());
  return summary;
}

/** Asserts a line's summary: its quantiles at some hundred points or all, everything at some. */
async function assertLine(coefficients: Coefficients, alphas: Float64Array): Promise<void> {
  const found = await summariseLine(coefficients, alphas);
  const step = Math.max(1, Math.floor(alphas.length / 501));
  for (let point = 0; point < alphas.length; point += step) {
    const alpha = alphas[point]!;
    assertQuantiles(found, point, lossesAt(coefficients, alpha), alpha);
    if (point % (13 * step) === 0) assertPoint(found, point, coefficients, alpha);
  }
}

/** What a stretch over all of some points tells, and at how many losses a point; undefined if nothing. */
function stretchOf(
  coefficients: Coefficients,
  alphas: Float64Array,
): { evaluated: number; summary: Columns } | undefined {
  const count = coefficients[0].length;
  const kernel = openQuadraticKernel(count, alphas.length);
  for (const [index, part] of coefficients.entries()) kernel.coefficients[index]!.set(part);
  const stretches = createStretches(kernel, (alpha) => {
    assert.ok(kernel.sortQuadratics(alpha, count * count));
  });
  stretches.begin();
  const summary = columnsFor(alphas.length);
  const evaluated = stretches.summarise(alphas, summary, 0);
  return evaluated === undefined ? undefined : { evaluated, summary };
}

/** A stretch that must tell something, and that right. */
function assertStretch(coefficients: Coefficients, alphas: Float64Array): number {
  const found = stretchOf(coefficients, alphas);
  assert.ok(found !== undefined, "the stretch tells something");
  for (const [point, alpha] of alphas.entries()) {
    assertPoint(found.summary, point, coefficients, alpha);
  }
  return found.evaluated;
}

test("the exact moments are those of a calculation by hand", () => {
  assert.is(quotient(toWhole(3), toWhole(-8) * -1n), 0.375);
  // At α = 2: 1 + 2·(1 + 2·0.5) = 5, 3 and 1; and −1 is taken as 0.
  const [c, l, q] = [
    [1, 3, 1, -1],
    [1, 0, 0, 0],
    [0.5, 0, 0, 0],
  ].map((part) => Float64Array.from(part));
  assert.equal(exactMoments([c!, l!, q!], 2), { mean: 2.25, variance: 14.75 / 3 });
});

test("a stretch of many batches looks at few of them, and tells what all would", () => {
  const coefficients = meansOfSquares(normals(1), 1000);
  for (const [from, to] of [
    [0.4, 0.401],
    [-0.501, -0.499],
    [-2, -1.999],
  ] as const) {
    const evaluated = assertStretch(coefficients, spaced(from, to, 97));
    assert.ok(evaluated >= 12 && evaluated < 200, `${evaluated} candidates`);
  }
});

test("a stretch need not be sorted, and its points may be equal", () => {
  const coefficients = meansOfSquares(normals(2), 301);
  assertStretch(coefficients, Float64Array.of(0.3, 0.301, 0.3, 0.2995, 0.301, 0.3));
  assertStretch(coefficients, new Float64Array(9).fill(0.7));
});

test("batches that cross twice within a stretch, and one that dives through all the others", () => {
  const next = normals(3);
  const count = 800;
  // Levels that lie apart, and curves that dip below many of them between the ends of the stretch.
  for (const [divers, depth] of [
    [1, 63],
    [9, 3],
    [30, 1.5],
  ] as const) {
    const c = Float64Array.from({ length: count }, (_, at) => 200 + at + 0.1 * next());
    const l = new Float64Array(count);
    const q = new Float64Array(count);
    for (let diver = 0; diver < divers; diver++) {
      const at = Math.floor(((diver + 0.5) * count) / divers);
      c[at]! -= depth;
      q[at] = 2 * depth;
    }
    assertStretch([c, l, q], spaced(-1, 1, 101));
  }
});

test("parallel curves about a rank tell nothing of the one that comes from afar", () => {
  const count = 200;
  const c = Float64Array.from({ length: count }, (_, at) => 10 + at / 2);
  const l = new Float64Array(count);
  // To the upper quartile, of ranks 149 and 150, at the stretch's first point.
  l[130] = -10;
  const alphas = spaced(-1, 1, 41);
  assertStretch([c, l, new Float64Array(count)], alphas);
});

test("where all batches cross at one point, or are equal, summaries are right", async () => {
  const next = normals(4);
  const count = 60;
  // c + α(l + αq) with (α − 1/2)² for all, times what is the batch's.
  const sizes = Float64Array.from({ length: count }, () => Math.abs(next()));
  const pencil: Coefficients = [
    sizes.map((size) => size / 4),
    sizes.map((size) => -size),
    sizes.slice(),
  ];
  await assertLine(pencil, spaced(0, 1, 1501));
  // Straight lines through one point, far above 0.
  const straight: Coefficients = [
    sizes.map((size) => 10 + size / 2),
    sizes.map((size) => -size),
    new Float64Array(count),
  ];
  await assertLine(straight, spaced(0, 1, 1501));
  await assertLine(
    [new Float64Array(50).fill(0.1), new Float64Array(50), new Float64Array(50)],
    spaced(-1, 1, 99),
  );
  await assertLine(
    [new Float64Array(50), new Float64Array(50), new Float64Array(50)],
    spaced(-1, 1, 99),
  );
});

test("ties within groups of equal batches", async () => {
  const groups = meansOfSquares(normals(5), 50);
  const tied = groups.map((part) => Float64Array.from({ length: 350 }, (_, at) => part[at % 50]!));
  await assertLine(tied as unknown as Coefficients, spaced(-1, 1, 5001));
});

test("losses that differ by little more than their rounding are still in order", async () => {
  for (const [seed, size] of [1e-15, 1e-14, 1e-13, 1e-12, 1e-11].entries()) {
    const next = normals(seed);
    const parts = [1, 0.5, 2].map((mean) =>
      Float64Array.from({ length: 120 }, () => mean + size * next()),
    ) as unknown as Coefficients;
    await assertLine(parts, spaced(-1, 1, 3001));
    const found = stretchOf(parts, spaced(0.2, 0.200001, 64));
    for (const [point, alpha] of spaced(0.2, 0.200001, 64).entries()) {
      if (found !== undefined) assertPoint(found.summary, point, parts, alpha);
    }
  }
});

for (const [what, size, reach] of [
  ["huge", 1e70, 1],
  ["tiny", 1e-70, 1],
  ["so tiny that squares underflow", 1e-165, 1],
  ["about 1, on a line of 10³⁰", 1, 1e30],
  ["about 1, on a line of 10⁻³⁰", 1, 1e-30],
] as const) {
  test(`losses that are ${what}`, async () => {
    const [c, l, q] = meansOfSquares(normals(6), 90).map((part) =>
      part.map((value) => size * value),
    );
    const coefficients: Coefficients = [
      c!,
      l!.map((value) => value / reach),
      q!.map((value) => value / reach / reach),
    ];
    await assertLine(coefficients, spaced(-reach, 2 * reach, 2001));
  });
}

test("losses of very different size, and slopes with heavy tails", async () => {
  const next = normals(7);
  const cauchy = () => Math.abs(next() / next());
  const count = 150;
  const r = Float64Array.from({ length: count }, cauchy);
  const s = Float64Array.from({ length: count }, cauchy);
  const squares: Coefficients = [
    r.map((value) => value * value),
    r.map((value, at) => -2 * value * s[at]!),
    s.map((value) => value * value),
  ];
  await assertLine(squares, spaced(-3, 3, 4001));
});

test("losses that overflow at the ends count as Infinity there, and there alone", async () => {
  const coefficients = meansOfSquares(normals(8), 70);
  coefficients[2][13] = 1e300;
  coefficients[1][14] = -1e300;
  const alphas = Float64Array.from([...spaced(-1e5, 1e5, 41), ...spaced(-1e-290, 1e-290, 400)]);
  const found = await summariseLine(coefficients, alphas);
  for (const [point, alpha] of alphas.entries()) {
    const sorted = lossesAt(coefficients, alpha);
    assertQuantiles(found, point, sorted, alpha);
    if (sorted.at(-1)! > 1e200) assert.is(found.variance[point], Infinity);
    else assertPoint(found, point, coefficients, alpha);
  }
  assert.is(found.max[0], Infinity);
  assert.ok(found.variance.at(-200)! < 1e6);
});

test("curves that rounding takes below 0, and those that are truly below, count as 0", async () => {
  const next = normals(9);
  // Exact fits: r = −tq in every row of a batch, so that the loss is 0 but for rounding at α = t.
  const count = 80;
  const sizes = Float64Array.from({ length: count }, () => 1 + Math.abs(next()));
  const t = 1 / 3;
  const exact: Coefficients = [
    sizes.map((size) => size * t * t),
    sizes.map((size) => -2 * size * t),
    sizes.slice(),
  ];
  const alphas = Float64Array.from([...spaced(0, 1, 1001), ...spaced(t - 1e-8, t + 1e-8, 1001)]);
  const below = alphas.filter((alpha) => lossesAt(exact, alpha)[0] === 0);
  assert.ok(below.length > 10, "some are rounded below 0");
  await assertLine(exact, alphas);
  const negative = meansOfSquares(next, count);
  for (let at = 0; at < count; at += 3) negative[0][at]! -= 3;
  for (let at = 0; at < count; at += 7) negative[2][at] = -1e-17;
  await assertLine(negative, spaced(-1, 1, 2001));
  // One alone, far enough from the others that it does not stir their order.
  const levels = Float64Array.from({ length: 400 }, (_, at) => at - 0.5);
  const flat: Coefficients = [levels, levels.map(next), new Float64Array(400)];
  await assertLine(flat, spaced(-1e-3, 1e-3, 500));
});

test("few batches, few points", async () => {
  for (const count of [1, 2, 3, 31, 32, 33, 64]) {
    const coefficients = meansOfSquares(normals(count), count);
    for (const points of [1, 2, 7, 8, 9, 500]) {
      await assertLine(coefficients, spaced(-0.6, 0.8, points));
    }
  }
});

test("lines of random batches, long and short, are summarised alike", async () => {
  for (let seed = 0; seed < 24; seed++) {
    const next = normals(100 + seed);
    const count = 40 + ((seed * 37) % 300);
    const coefficients = meansOfSquares(next, count, 10 ** -(seed % 5));
    const centre = next();
    const half = 10 ** -(seed % 7);
    await assertLine(coefficients, spaced(centre - half, centre + half, 2000));
  }
});

test("each line of a plane has its own coefficients, and the same numbers give the same bits", async () => {
  const [points, betas, count] = [700, Float64Array.of(-1, 0, 0.5), 123];
  const alphas = spaced(-1, 1, points);
  const parts = [...betas].map((_, line) => meansOfSquares(normals(line), count));
  const summarised = async (): Promise<Columns> => {
    const summary = columnsFor(3 * points);
    const coefficients = (beta: number) => parts[betas.indexOf(beta)]!;
    const lines = { alphas, betas, count, coefficients };
    await summariseQuadratics(lines, summary, () => Promise.resolve());
    return summary;
  };
  const found = await summarised();
  for (let line = 0; line < 3; line++) {
    for (let point = 0; point < points; point += 5) {
      assertPoint(found, line * points + point, parts[line]!, alphas[point]!);
    }
  }
  assert.equal(await summarised(), found);
});

test.run();
