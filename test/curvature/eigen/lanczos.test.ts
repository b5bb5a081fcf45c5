import { assert, test } from "../../helpers/test.js";
import { extremeEigenpairs, type LanczosLimits } from "../../../src/curvature/eigen/lanczos.js";
import { normals } from "../../landscape/numbers.js";

/** A matrix whose eigenvalues are given, in a basis turned by a reflection, and a start. */
function matrixOf(values: readonly number[]) {
  const next = normals(4);
  const axis = values.map(() => next());
  const square = axis.reduce((sum, value) => sum + value ** 2, 0);
  const reflected = (vector: Float64Array): Float64Array => {
    const along = (2 * vector.reduce((sum, value, at) => sum + value * axis[at]!, 0)) / square;
    return vector.map((value, at) => value - along * axis[at]!);
  };
  const times = (vector: Float64Array): Float64Array =>
    reflected(reflected(vector).map((value, at) => value * values[at]!));
  return { times, start: Float64Array.from(values, () => next()) };
}

/** The least eigenvalue of such a matrix. */
async function leastOf(values: readonly number[], limits: LanczosLimits = {}) {
  const { times, start } = matrixOf(values);
  let made = 0;
  const { least, ends, products } = await extremeEigenpairs(
    (vectors) => {
      made += vectors.length;
      return Promise.resolve(vectors.map(times));
    },
    start,
    { ...limits, least: 1, largest: 0 },
  );
  const found = least[0]!;
  const rest = times(found.vector).map((value, at) => value - found.value * found.vector[at]!);
  assert.ok(Math.abs(Math.hypot(...rest) - found.residual) <= 1e-12 * (1 + Math.abs(ends.largest)));
  assert.ok(Math.abs(Math.hypot(...found.vector) - 1) < 1e-12);
  return { ...found, largest: ends.largest, products, made };
}

const geometric = (count: number, least: number, largest: number): number[] =>
  Array.from({ length: count }, (_, at) => least * (largest / least) ** (at / (count - 1)));

test("a badly conditioned matrix takes as many steps as it has rows, and no fewer", async () => {
  const found = await leastOf(geometric(150, 5.1e-8, 10));
  assert.ok(Math.abs(found.value / 5.1e-8 - 1) < 1e-6, String(found.value));
  assert.is(found.converged, true);
  assert.ok(Math.abs(found.largest - 10) < 1e-12);
  assert.is(found.products, found.made);
  assert.ok(found.products <= 151);
});

test("it says when its products have not sufficed", async () => {
  const values = geometric(150, 5.1e-8, 10);
  const found = await leastOf(values, { products: 61 });
  assert.is(found.converged, false);
  assert.is(found.products, 61);
  assert.is(found.made, 61);
  // An eigenvalue lies within the residual, and the least is not above the quotient.
  assert.ok(found.value > 5.1e-8);
  assert.ok(values.some((value) => Math.abs(value - found.value) <= found.residual));
});

test("with memory for a few vectors it restarts until it has converged", async () => {
  const values = Array.from({ length: 400 }, (_, at) => (at === 0 ? -0.3 : at / 40));
  for (const vectors of [10, 20]) {
    const found = await leastOf(values, { memory: vectors * values.length * 8 });
    assert.is(found.converged, true);
    assert.ok(found.products > vectors + 2, `${found.products} products: it has restarted`);
    assert.ok(Math.abs(found.value + 0.3) < 1e-5, String(found.value));
    assert.ok(found.largest <= 9.975 + 1e-9 && found.largest > 9.9, String(found.largest));
  }
});

test("eigenvalues that occur often, and a matrix of zeros, end it early", async () => {
  const often = await leastOf(Array.from({ length: 300 }, (_, at) => (at < 100 ? 0 : at / 100)));
  assert.is(often.converged, true);
  assert.ok(Math.abs(often.value) < 1e-12 && often.products < 100);
  for (const value of [0, 2]) {
    const found = await leastOf(Array.from({ length: 20 }, () => value));
    assert.is(found.converged, true);
    assert.ok(Math.abs(found.value - value) < 1e-14);
    assert.ok(found.products <= 4);
  }
});

test("several at both ends, with restarts", async () => {
  const values = Array.from({ length: 300 }, (_, at) =>
    at < 6 ? (at - 6) * 0.01 : (at / 100) ** 3,
  );
  const { times, start } = matrixOf(values);
  for (const vectors of [30, 300]) {
    const found = await extremeEigenpairs((some) => Promise.resolve(some.map(times)), start, {
      least: 5,
      largest: 5,
      tolerance: 1e-6,
      memory: vectors * values.length * 8,
    });
    assert.is(found.converged, true);
    const pairs = [...found.least, ...found.largest];
    const expected = [...values.slice(0, 5), ...values.toReversed().slice(0, 5)];
    for (const [at, { value, residual }] of pairs.entries()) {
      assert.ok(residual <= 1e-6 * Math.abs(value), String(residual));
      assert.ok(Math.abs(value - expected[at]!) <= residual + 1e-13, `${value} ${expected[at]}`);
    }
  }
});

function rounded(pairs: { value: number }[]): number[] {
  return pairs.map(({ value }) => Math.round(value * 1e9) / 1e9);
}

test("of a small matrix all eigenvalues, each at both ends", async () => {
  const values = [-2, 1, 5];
  const { times, start } = matrixOf(values);
  const found = await extremeEigenpairs((some) => Promise.resolve(some.map(times)), start, {
    least: 5,
    largest: 5,
  });
  assert.equal(rounded(found.least), [-2, 1, 5]);
  assert.equal(rounded(found.largest), [5, 1, -2]);
});

test.run();
