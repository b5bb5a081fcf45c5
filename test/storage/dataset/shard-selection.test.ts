import { assert, test } from "../../helpers/test.js";
import { formatRanges } from "../../../src/common/ranges.js";
import { parseShards } from "../../../src/storage/dataset/shard-selection.js";

test("shards are chosen by ranges and lists", () => {
  for (const [text, shards] of [
    ["0-3", [0, 1, 2, 3]],
    ["0-2,7", [0, 1, 2, 7]],
    ["9, 0-1", [0, 1, 9]],
    ["5", [5]],
    ["3-3", [3]],
  ] as const) {
    assert.equal(parseShards(text, 10), [...shards]);
  }
  for (const [text, says] of [
    ["", /range or a list/],
    ["3-1", /range or a list/],
    ["-1", /range or a list/],
    ["1,,2", /range or a list/],
    ["all", /range or a list/],
    ["0-99999999999999999999", /range or a list/],
    ["0-10", /shard 10, but the dataset has the shards 0 to 9/],
    ["0-3,2", /shard 2 twice/],
  ] as const) {
    assert.throws(() => parseShards(text, 10), says);
  }
  assert.is(formatRanges([0, 1, 2, 7, 9, 10]), "0-2,7,9-10");
  assert.is(formatRanges([]), "");
});

test.run();
