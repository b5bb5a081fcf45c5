import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomNormals, STREAMS } from "../../src/generate/index.js";
import { makeLine, spaced } from "../../src/landscape/line.js";
import { network, normals } from "./numbers.js";

test("a line visits linspace(start, end)", () => {
  assert.equal([...spaced(-1, 1, 5, true)], [-1, -0.5, 0, 0.5, 1]);
  assert.equal([...spaced(0, 1, 3, true)], [0, 0.5, 1]);
  assert.equal([...spaced(-2, 2, 2, true)], [-2, 2]);
  assert.equal([...spaced(-3, 3, 1, true)], [-3]);
  assert.equal([...spaced(-3, 3, 1, false)], [-3]);
  for (const scale of [1, 0.01, 0.3, 7]) {
    const alphas = spaced(-scale, scale, 101, true);
    assert.is(alphas.length, 101);
    assert.equal([alphas[0], alphas[50], alphas[100]], [-scale, 0, scale]);
    for (const [i, alpha] of alphas.entries()) {
      assert.ok(Math.abs(alpha - (-scale + (i * 2 * scale) / 100)) <= 1e-15 * scale);
      assert.is(alpha, -alphas[100 - i]! || 0);
    }
  }
});

test("without its endpoint it stops a step short, as in the notebook", () => {
  assert.equal([...spaced(-2, 2, 4, false)], [-2, -1, 0, 1]);
  const alphas = spaced(0, 1, 100, false);
  for (const [i, alpha] of alphas.entries()) assert.is(alpha, i / 100);
});

test("a random line goes through the network along N(0,1) of each layer", () => {
  const centre = network(normals(1), [3, 4, 1], 1);
  const spec = { along: "random", points: 5, scale: 2, endpoint: true, seed: 9 } as const;
  const line = makeLine(centre, spec);
  assert.is(line.centre, centre);
  assert.equal([...line.alphas], [-2, -1, 0, 1, 2]);
  assert.equal(line.direction[0]!.weights, randomNormals(9, STREAMS.direction, 0, 12));
  assert.equal(line.direction[1]!.weights, randomNormals(9, STREAMS.direction, 1, 4));
  assert.equal(makeLine(centre, { ...spec, scale: 5 }).direction, line.direction);
  assert.not.equal(makeLine(centre, { ...spec, seed: 8 }).direction, line.direction);
});

test("a line between random points starts at the one and ends at the other", () => {
  const shape = network(normals(1), [3, 4, 1], 1);
  const line = makeLine(shape, {
    along: "random-points",
    points: 3,
    scale: 0.1,
    endpoint: true,
    seed: 9,
  });
  assert.equal([...line.alphas], [0, 0.5, 1]);
  for (const [layer, count] of [12, 4].entries()) {
    const first = randomNormals(9, STREAMS.direction, layer, count);
    const second = randomNormals(9, STREAMS.direction, 1000 + layer, count);
    for (let at = 0; at < count; at++) {
      const start = line.centre[layer]!.weights[at]!;
      assert.ok(Math.abs(start - 0.1 * first[at]!) < 1e-7);
      assert.ok(Math.abs(start + line.direction[layer]!.weights[at]! - 0.1 * second[at]!) < 1e-7);
    }
  }
});

test.run();
