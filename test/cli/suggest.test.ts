import { assert, test } from "../helpers/test.js";
import { suggest } from "../../src/cli/parse/suggest.js";

const known = ["generate", "inspect", "train", "landscape", "learning-rate", "rows"];

test("near misses", () => {
  const meant: [typed: string, word: string][] = [
    ["trian", "train"],
    ["Train", "train"],
    ["genrate", "generate"],
    ["lanscape", "landscape"],
    ["learning_rate", "learning-rate"],
    ["learn", "learning-rate"],
    ["row", "rows"],
  ];
  for (const [typed, word] of meant) assert.is(suggest(typed, known), word, typed);
});

test("nothing is made of what is far from every word", () => {
  for (const typed of ["", "x", "zebra", "q".repeat(100_000)]) {
    assert.is(suggest(typed, known), undefined, typed.slice(0, 9));
  }
  assert.is(suggest("train", []), undefined);
});

test.run();
