import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { benchConvert } from "./convert.js";
import { benchGenerate } from "./generate.js";
import { benchGrowth } from "./growth.js";
import { benchLandscape } from "./landscape.js";
import { describeMachine, type MachineFacts } from "./machine.js";
import { COMMON, note } from "./options.js";
import { benchStart } from "./start.js";
import { benchStream } from "./stream.js";
import { citedResults, type Concern } from "./results/document.js";
import { writePage } from "./results/page.js";
import { documentedRatios, summaryTable } from "./results/ratios.js";
import { benchTrain } from "./train.js";

/*
 * All stages one after the other, each beside its peers: one table of ratios, a file with everything that was
 * measured, and a page with charts.
 */

/** The stages with the sizes of `--quick`, which take some five minutes with all peers on two cores. */
const STAGES: readonly {
  bench: (words: string[]) => Promise<string>;
  name: string;
  quick: string[];
}[] = [
  { name: "start", bench: benchStart, quick: ["--rows", "2M"] },
  { name: "generate", bench: benchGenerate, quick: ["--rows", "4M"] },
  { name: "stream", bench: benchStream, quick: ["--rows", "1M"] },
  { name: "train", bench: benchTrain, quick: ["--rows", "200k", "--scale", "0.3"] },
  { name: "landscape", bench: benchLandscape, quick: ["--rows", "500k", "--linear-rows", "10M"] },
  { name: "convert", bench: benchConvert, quick: ["--rows", "1M"] },
  { name: "growth", bench: benchGrowth, quick: ["--quick"] },
];

/** Whether a stage ran without its peers in Python; `growth` has none. */
function lacksPython({ concern, machine }: Concern): boolean {
  return concern !== "growth" && !machine.versions.some((version) => version.startsWith("Python"));
}

/** `2026-11-27-AMD-EPYC-2-cores-node-20.json`. */
export function resultsName(date: Date, { processor, cores }: MachineFacts): string {
  const words = `${processor} ${cores} cores node ${process.versions.node.split(".")[0]}`;
  const machine = words.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return `${date.toISOString().slice(0, 10)}-${machine}.json`;
}

/**
 * Runs all stages.
 *
 * @param words `--quick --runs 3 --folder .bench --results bench/results --skip-python --json`
 * @returns what is to be printed
 */
export async function benchAll(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: {
      quick: { type: "boolean", default: false },
      results: { type: "string", default: "bench/results" },
      ...COMMON,
    },
  });
  const { quick, results, json, folder, "skip-python": skipPython } = values;
  const runs = quick && !words.includes("--runs") ? "1" : values.runs;
  const shared = ["--json", "--runs", runs, "--folder", folder];
  if (skipPython) shared.push("--skip-python");
  const concerns: Concern[] = [];
  for (const { name, bench, quick: small } of STAGES) {
    note(`${name}:`);
    concerns.push(JSON.parse(await bench([...(quick ? small : []), ...shared])) as Concern);
  }
  const { machine } = concerns[0]!;
  const date = new Date();
  const document = { date: date.toISOString(), quick, concerns };
  await mkdir(results, { recursive: true });
  const file = path.join(results, resultsName(date, machine));
  await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`);
  const cited = (await citedResults())?.results.concerns ?? [];
  const page = file.replace(/\.json$/, ".html");
  await writePage(page, document, cited);
  if (json) return JSON.stringify(document, undefined, 2);
  const missing = skipPython
    ? ["Without Python's peers, as asked."]
    : concerns
        .filter(lacksPython)
        .map((one) => `${one.concern}: no python3, so its peers in Python are missing.`);
  return [
    `all stages${quick ? ", small sizes" : ""}, medians of ${runs} interleaved runs`,
    ...describeMachine(machine),
    ...missing,
    "",
    ...summaryTable(concerns, documentedRatios(cited)),
    "",
    `Everything measured is in ${file}, with charts in ${page}.`,
  ].join("\n");
}
