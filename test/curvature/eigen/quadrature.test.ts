import { assert, test } from "../../helpers/test.js";
import {
  densityOf,
  integrate,
  meanOf,
  quadratureRules,
} from "../../../src/curvature/eigen/quadrature.js";
import { normals } from "../../landscape/numbers.js";

/** A diagonal matrix, and vectors of ±1. */
function given(values: readonly number[], count: number) {
  const next = normals(3);
  const vectors = Array.from({ length: count }, () =>
    Float64Array.from(values, () => (next() < 0 ? -1 : 1)),
  );
  const times = (some: readonly Float64Array[]) =>
    Promise.resolve(some.map((vector) => vector.map((value, at) => value * values[at]!)));
  return { times, vectors };
}

test("a rule has the moments of its vector's measure", async () => {
  const values = Array.from({ length: 60 }, (_, at) => at / 10 - 2);
  const { times, vectors } = given(values, 3);
  const steps = 12;
  const rules = await quadratureRules(times, vectors, steps);
  for (const rule of rules) {
    assert.is(rule.nodes.length, steps);
    // With m nodes exact up to degree 2m − 1; each ±1 has the same weight on every eigenvalue.
    for (let degree = 0; degree < 2 * steps; degree++) {
      const expected = values.reduce((sum, value) => sum + value ** degree, 0) / values.length;
      const found = integrate(rule, (value) => value ** degree);
      assert.ok(Math.abs(found / expected - 1) < 1e-9, `${degree}: ${found}, ${expected}`);
    }
  }
});

test("a complete space ends a rule early", async () => {
  const { times, vectors } = given([1, 1, 2, 2, -1], 2);
  const rules = await quadratureRules(times, vectors, 50);
  for (const { nodes, weights } of rules) {
    assert.equal(
      nodes.map((node) => Math.round(node * 1e9) / 1e9),
      [-1, 1, 2],
    );
    assert.equal(
      weights.map((weight) => Math.round(weight * 1e9) / 1e9),
      [0.2, 0.4, 0.4],
    );
  }
});

test("the density integrates to 1, and its mean is the trace", async () => {
  const values = Array.from({ length: 100 }, (_, at) => Math.sin(at) * 3);
  const { times, vectors } = given(values, 4);
  const { eigenvalues, density, deviation } = densityOf(await quadratureRules(times, vectors, 30));
  const step = eigenvalues[1]! - eigenvalues[0]!;
  const sum = (f: (at: number) => number): number =>
    density.reduce((total, value, at) => total + value * f(at) * step, 0);
  assert.ok(Math.abs(sum(() => 1) - 1) < 1e-3);
  const mean = values.reduce((total, value) => total + value, 0) / 100;
  assert.ok(Math.abs(sum((at) => eigenvalues[at]!) - mean) < 1e-2);
  assert.ok(deviation.every((value) => value >= 0));
});

test("the deviation is that of the curves of single vectors", async () => {
  const next = normals(9);
  const values = Array.from({ length: 50 }, (_, at) => at);
  const { times } = given(values, 0);
  const vectors = [1, 2, 3].map(() => Float64Array.from(values, () => next()));
  const rules = await quadratureRules(times, vectors, 10);
  const { density, deviation } = densityOf(rules);
  assert.ok(deviation.some((value, at) => value > 0.1 * density[at]!));
});

test("mean and standard error", () => {
  assert.equal(meanOf([1, 2, 3, 6]), { estimate: 3, standardError: Math.sqrt(14 / 3 / 4) });
  assert.equal(meanOf([5]), { estimate: 5, standardError: 0 });
});

test.run();
