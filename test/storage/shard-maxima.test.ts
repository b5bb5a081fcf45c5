import { test } from "uvu";
import * as assert from "uvu/assert";
import { createRowMaker, type RowSpec } from "../../src/generate/index.js";
import { findBoth, findOne, judgeOfGroups } from "../../src/storage/shard-maxima.js";

const KIND = "two-layer-sigmoid";

test("what a pass with a guess leaves is enough where it says so, and the maxima are those of two passes", () => {
  for (const [features, noise, seed, firstRow, rows] of [
    [10, 0.1, 42, 0, 40_003],
    [10, 0.1, 7, 123_456, 20_000],
    [3, 0.5, 5, 7, 30_001],
    [1, 0.1, 5, 0, 9000],
    [33, 0.1, 1, 0, 9000],
  ] as const) {
    const spec: RowSpec = { kind: KIND, features, noise, seed };
    // A capacity that is no multiple of a group.
    const maker = createRowMaker(spec, 4097);
    const plain = { spec, firstRow, rows, atLeast: -Infinity };
    const first = findOne(maker, { ...plain, maximum1: undefined });
    assert.ok(first > 0);
    for (const ratio of [1, 0.99, 0.95, 0.9, 0.5]) {
      const found = findBoth(maker, { spec, firstRow, rows, atLeast: Math.fround(first * ratio) });
      const what = `D=${features}, seed ${seed}, ${ratio}`;
      assert.is(found.first, first, what);
      // Of the first maximum over all shards, which may be larger than this one's.
      for (const maximum1 of [first, Math.fround(first * 1.02)]) {
        const second = findOne(maker, { ...plain, maximum1 });
        const isEnough = judgeOfGroups(spec, maximum1)(found);
        if (isEnough) {
          const { groups = [] } = found;
          assert.is(findOne(maker, { ...plain, maximum1, groups }), second, what);
        }
        // 0.5 is too far; usual data and guesses are near enough, and few rows are left.
        if (ratio === 0.5) assert.not.ok(isEnough, what);
        if (features === 10 && ratio >= 0.95) {
          assert.ok(isEnough, what);
          assert.ok(found.groups!.length < 500, `${what}: ${found.groups!.length}`);
        }
      }
    }
  }
});

test("without a guess the shard's own rows make one; one that is no positive number leaves all rows", () => {
  const spec: RowSpec = { kind: KIND, features: 10, noise: 0.1, seed: 42 };
  const maker = createRowMaker(spec, 1000);
  const found = findBoth(maker, { spec, firstRow: 0, rows: 3000, atLeast: -Infinity });
  assert.is(found.guess, found.first);
  assert.ok(judgeOfGroups(spec, found.first)(found));
  for (const atLeast of [-1, 0, Infinity]) {
    const { first, groups } = findBoth(maker, { spec, firstRow: 0, rows: 3000, atLeast });
    assert.is(first, Math.max(found.first, atLeast));
    assert.is(groups, undefined);
  }
});

test.run();
