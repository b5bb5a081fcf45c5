import { resultsName } from "../../scripts/bench/all.js";
import type { Concern } from "../../scripts/bench/results/document.js";
import { reaches, summaryTable } from "../../scripts/bench/results/ratios.js";
import { assert, test } from "../helpers/test.js";

const machine = {
  cores: 2,
  processor: "AMD EPYC 9B45 (Zen)",
  memoryBytes: 2 ** 34,
  system: "Linux",
  versions: [],
};

function of(value: number, goal: string): boolean | undefined {
  return reaches({ name: "", value, goal });
}

test("a ratio reaches its goal, misses it, or has none", () => {
  assert.is(of(3, "3"), true);
  assert.is(of(2.9, "3"), false);
  assert.is(of(4.5, "4, aim 5"), true);
  assert.is(of(0.8, "0.9 where the disk is the limit"), false);
  assert.is(of(1.2, "at most 1.3"), true);
  assert.is(of(1.4, "at most 1.3"), false);
  assert.is(of(513, "512 at the most"), false);
  assert.is(of(511, "512 at the most"), true);
  assert.is(of(72, "≤ 20"), false);
  assert.is(of(1, "–"), undefined);
});

test("the table has one line a ratio of every stage, and marks what is missed", () => {
  const concerns: Concern[] = [
    {
      concern: "start",
      runs: 1,
      machine,
      ratios: [{ name: "a", value: 1.25, goal: "at most 1.3" }],
    },
    {
      concern: "train",
      runs: 1,
      machine,
      ratios: [
        { name: "b", value: 0.5, goal: "1" },
        { name: "c", value: 7, goal: "–" },
      ],
    },
  ];
  assert.equal(
    summaryTable(concerns).map((line) => line.replaceAll(/ +/g, " ").trim()),
    [
      "measured goal docs",
      "start: a 1.25 at most 1.3",
      "train: b 0.50 1 misses the goal",
      "train: c 7.00 –",
    ],
  );
});

test("results are named by the day and the machine", () => {
  const name = resultsName(new Date("2026-11-27T23:00:00Z"), machine);
  const node = process.versions.node.split(".")[0];
  assert.is(name, `2026-11-27-AMD-EPYC-9B45-Zen-2-cores-node-${node}.json`);
});

test.run();
