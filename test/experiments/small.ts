import { readFile } from "node:fs/promises";
import path from "node:path";
import { assert } from "../helpers/test.js";
import { runExperiment } from "../../src/experiments/index.js";
import type { OptionValue } from "../../src/experiments/index.js";
import type { ReportSection } from "../../src/report/index.js";

/** Experiments shrunk so that all of them run in seconds. */
export const SMALL: Record<string, Record<string, OptionValue>> = {
  "lsm-data": {},
  paraboloid: {},
  walk: {},
  "slice-random": {},
  "slice-optimum": {},
  "sgd-large": { rows: 20_000, batchSize: 1000, epochs: 2 },
  "batches-overlaid": { epochs: 100, learningRate: 0.01 },
  "two-layer-sigmoid-data": {},
  mlp: { rows: 20_000, batchSize: 1000, epochs: 3 },
  "mlp-batches-overlaid": { rows: 20_000, batchSize: 1000, epochs: 3 },
  "mlp-zoom": { rows: 20_000, batchSize: 1000, epochs: 3 },
  "hundred-million": { rows: 200_000 },
  device: { rows: 5000, batchSize: 1000, epochs: 2 },
  "non-convexity": { rows: 20_000, batchSize: 1000, epochs: 5 },
  optimisers: { rows: 20_000, batchSize: 1000, epochs: 2 },
};

/** Runs an experiment, small, and checks its results.json. */
export async function run(
  folder: string,
  name: string,
  onNote: (note: string) => void = () => {},
): Promise<{ results: Record<string, unknown>; html: string }> {
  const out = path.join(folder, name);
  const made = await runExperiment(name, { out, overrides: SMALL[name] ?? {}, onNote });
  const text = await readFile(path.join(out, "results.json"), "utf8");
  assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(made.results)), "results.json");
  assert.is(made.report, path.join(out, "report.html"));
  return { results: made.results, html: await readFile(made.report, "utf8") };
}

/** The sections of an experiment's document. */
export async function sectionsOf(out: string): Promise<ReportSection[]> {
  const text = await readFile(path.join(out, "experiment.json"), "utf8");
  return (JSON.parse(text) as { sections: ReportSection[] }).sections;
}
