import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { run, sectionsOf } from "../small.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

test(
  "all optimisers start from the same loss, and stand in one figure by step and one by time",
  inFolder(async (folder) => {
    const notes: string[] = [];
    const { results, html } = await run(folder, "optimisers", (note) => void notes.push(note));
    for (const [key, name] of [
      ["lsm", "lsm"],
      ["twoLayerSigmoid", "sigmoid"],
    ] as const) {
      const found = results[key] as Record<
        string,
        { learningRate: number; finalLoss: number; secondsAfterFirstStep: number }
      >;
      assert.equal(Object.keys(found), ["sgd", "momentum", "rmsprop", "adam"]);
      assert.equal(
        Object.values(found).map(({ learningRate }) => learningRate),
        [0.01, 0.01, 0.001, 0.001],
      );
      const starts = new Set<unknown>();
      for (const optimizer of Object.keys(found)) {
        const journal = path.join(folder, "optimisers/runs", `${name}-${optimizer}/history.jsonl`);
        const [first = ""] = (await readFile(journal, "utf8")).split("\n");
        starts.add((JSON.parse(first) as { loss: number }).loss);
      }
      assert.is(starts.size, 1, "the same start");
      for (const id of ["training-curves", "training-curves-time"])
        assert.match(html, `${id}-${name}`);
      assert.ok(
        notes.indexOf(`Training the run ${name}-warm-up.`) ===
          notes.indexOf(`Training the run ${name}-sgd.`) - 1,
        "a training before the first measured one",
      );
      assert.not.ok(existsSync(path.join(folder, "optimisers/runs", `${name}-warm-up`)));
      const blocks = (await sectionsOf(path.join(folder, "optimisers"))).flatMap(
        (section) => section.blocks,
      );
      const bySteps = blocks.find((block) => block.id === `training-curves-${name}`);
      const figure = blocks.find((block) => block.id === `training-curves-time-${name}`);
      assert.ok(figure?.kind === "lines");
      assert.match(figure.caption, "counts from the first step");
      assert.match(figure.caption, "An epoch of training before the first run is not shown");
      for (const [at, optimizer] of Object.keys(found).entries()) {
        const journal = path.join(folder, "optimisers/runs", `${name}-${optimizer}/history.jsonl`);
        const seconds = (await readFile(journal, "utf8"))
          .trim()
          .split("\n")
          .map((line) => (JSON.parse(line) as { seconds: number }).seconds);
        const since = seconds.map((time) => time - seconds[0]!);
        assert.equal(figure.series[at]?.x, since, "the start of threads and kernels is left out");
        assert.is(found[optimizer]?.secondsAfterFirstStep, since.at(-1));
        if (optimizer !== "adam" && optimizer !== "rmsprop") continue;
        // 20 000 rows in batches of 1000, twice.
        assert.is(seconds.length, 40);
        const moved = optimizer === "adam" ? "0\\.04" : "0\\.12";
        assert.match(
          bySteps?.caption ?? "",
          new RegExp(
            `only 40 steps of learning rate 0\\.001, ${optimizer === "adam" ? "Adam" : "RMSProp"} moves a weight by about ${moved}`,
          ),
        );
      }
    }
  }),
);

test.run();
