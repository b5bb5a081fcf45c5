import { assert, test } from "../../helpers/test.js";
import {
  leastEigenpair,
  type Eigenpair,
  type LanczosLimits,
} from "../../../src/landscape/curvature/lanczos.js";
import { normals } from "../numbers.js";

/** The iteration on a matrix whose eigenvalues are given, in a basis turned by a reflection. */
async function leastOf(
  values: readonly number[],
  limits: LanczosLimits = {},
): Promise<Eigenpair & { made: number }> {
  const next = normals(4);
  const axis = values.map(() => next());
  const square = axis.reduce((sum, value) => sum + value ** 2, 0);
  const reflected = (vector: Float64Array): Float64Array => {
    const along = (2 * vector.reduce((sum, value, at) => sum + value * axis[at]!, 0)) / square;
    return vector.map((value, at) => value - along * axis[at]!);
  };
  let made = 0;
  const found = await leastEigenpair(
    (vector) => {
      made++;
      return Promise.resolve(reflected(reflected(vector).map((value, at) => value * values[at]!)));
    },
    Float64Array.from(values, () => next()),
    limits,
  );
  const moved = reflected(reflected(found.vector).map((value, at) => value * values[at]!));
  const residual = Math.hypot(...moved.map((value, at) => value - found.value * found.vector[at]!));
  assert.ok(Math.abs(residual - found.residual) <= 1e-12 * (1 + Math.abs(found.largest)));
  assert.ok(Math.abs(Math.hypot(...found.vector) - 1) < 1e-12);
  return { ...found, made };
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
  for (const vectors of [8, 20]) {
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

test.run();
