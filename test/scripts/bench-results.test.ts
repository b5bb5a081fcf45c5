import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { benchCite, documents, withFigures } from "../../scripts/bench/results/cite.js";
import {
  citedResults,
  PROJECT,
  readResults,
  type Results,
} from "../../scripts/bench/results/document.js";
import { exponentOf } from "../../scripts/bench/growth.js";
import { writePage } from "../../scripts/bench/results/page.js";
import { isBelow, judge } from "../../scripts/bench/results/ratios.js";
import { inFolder } from "../helpers/folder.js";
import { messageOf } from "../helpers/message-of.js";
import { assert, test } from "../helpers/test.js";

const machine = {
  cores: 2,
  processor: "AMD EPYC",
  memoryBytes: 2 ** 34,
  system: "Linux",
  versions: ["vadi 0.1.0"],
};

const RESULTS: Results = {
  date: "2026-11-27T10:00:00Z",
  quick: false,
  concerns: [
    {
      concern: "start",
      runs: 3,
      machine,
      ratios: [{ name: "vadi | node", value: 1.25, goal: "at most 1.3" }],
      measured: [
        { name: "node", rows: 0, seconds: { median: 0.0221, least: 0.02, most: 0.03 } },
        {
          name: "epoch",
          rows: 5_000_000,
          seconds: { median: 0.33, least: 0.3, most: 0.4 },
          epoch: { seconds: 0.25, firstBatch: 0.0804, peakRssBytes: 2 ** 28 },
        },
      ],
    },
    {
      concern: "growth",
      runs: 1,
      machine,
      ratios: [],
      series: [
        {
          stage: "verify",
          variable: "rows",
          unit: "s",
          points: [1e6, 1e7].map((value) => ({
            value,
            seconds: value / 1e7,
            cpuSeconds: value / 5e6,
            peakRssBytes: 2 ** 26,
          })),
          exponent: 1,
          most: 1,
        },
      ],
    },
  ],
};

test("an exponent is the slope over the last three values", () => {
  const points = [1, 10, 100, 1000].map((value) => ({ value, seconds: 3 * value ** 0.5 }));
  points[0]!.seconds = 77;
  assert.ok(Math.abs(exponentOf(points) - 0.5) < 1e-12);
});

test("a ratio is marked where it misses its goal, and where it is worse than in the docs", () => {
  assert.is(isBelow({ name: "", value: 2.9, goal: "3" }, 3), false);
  assert.is(isBelow({ name: "", value: 2.5, goal: "3" }, 3), true);
  assert.is(isBelow({ name: "", value: 1.5, goal: "at most 1.6" }, 1.2), true);
  assert.is(isBelow({ name: "", value: 1, goal: "–" }, undefined), false);
  const [start] = RESULTS.concerns;
  const [judged] = judge(start!, new Map([["start: vadi | node", 1]]));
  assert.equal(judged?.marks, ["worse than the docs"]);
});

test(
  "the page has a table of ratios, and figures of growth",
  inFolder(async (folder) => {
    const file = path.join(folder, "page.html");
    await writePage(file, RESULTS, []);
    const html = await readFile(file, "utf8");
    assert.match(html, /1 of 1 goals are met/);
    assert.match(html, /<td data-bar style="--bar: 48\.1%">1\.25<\/td>/);
    assert.match(html, /"id":"time-in-rows"/);
  }),
);

test("figures of a document come from the results", () => {
  const text = "a\n\n<!-- figures: start programs -->\n<!-- end of figures -->\n\nb\n";
  const next = withFigures(text, "bench/results/x.json", RESULTS);
  assert.match(next, /\| epoch +\| +0\.330 \| +80 \| +20\.0 \| +256 MiB \|/);
  assert.match(next, /All numbers: `bench\/results\/x\.json`/);
  assert.is(withFigures(next, "bench/results/x.json", RESULTS), next);
  assert.throws(
    () => withFigures(text.replace("start", "end"), "bench/results/x.json", RESULTS),
    /has nothing for the figures 'end programs'/,
  );
});

test("figures of a document may be those of some programs", () => {
  const text = "<!-- figures: start programs | epoch -->\n<!-- end of figures -->\n";
  const next = withFigures(text, "bench/results/x.json", RESULTS);
  assert.match(next, /^<!-- figures: start programs \| epoch -->\n/);
  assert.match(next, /\| epoch +\| +0\.330 \|/);
  assert.not.match(next, /\| node /);
  assert.is(withFigures(next, "bench/results/x.json", RESULTS), next);
  assert.throws(
    () => withFigures(text.replace("| epoch", "| node; torch"), "bench/results/x.json", RESULTS),
    /has no row 'torch' for the figures of 'start'/,
  );
});

test("the documents' figures are those of the file that they name", async () => {
  const cited = await citedResults();
  assert.ok(cited !== undefined);
  for (const name of await documents()) {
    const text = await readFile(path.join(PROJECT, name), "utf8");
    assert.is(withFigures(text, cited.file, cited.results), text, name);
  }
});

test(
  "a file that is not one of results is refused",
  inFolder(async (folder) => {
    const file = path.join(folder, "x.json");
    await writeFile(file, JSON.stringify({ ...RESULTS, concerns: [{ concern: 7 }] }));
    assert.match(
      await messageOf(readResults(file)),
      /is not a file of results: concerns\.0\.concern/,
    );
    assert.match(await messageOf(benchCite([file])), /is not in bench\/results/);
    assert.match(await messageOf(benchCite([])), /Name the results/);
  }),
);

test.run();
