import { mkdirSync } from "node:fs";
import { peakRssBytes } from "../../../src/common/process/memory.js";

/** What every measured program prints on stdout, as JSON. */
export interface Sample {
  /** Of the job alone, without the program's start and its imports. */
  seconds: number;
  peakRssBytes: number;
}

/** What a program that writes files is told, as JSON on its command line. */
export interface FileOptions {
  /** A folder that is not there yet. */
  out: string;
  rows: number;
  features: number;
  shardRows: number;
}

/**
 * Runs this process's one job, with the options of its command line, and prints its sample, with
 * whatever the job tells besides.
 */
export async function runPeer<Options extends object>(
  job: (options: Options) => void | object | Promise<void | object>,
): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? "{}") as Options;
  if ("out" in options) mkdirSync(String(options.out));
  const started = performance.now();
  const told = await job(options);
  const sample: Sample = {
    seconds: (performance.now() - started) / 1000,
    peakRssBytes: peakRssBytes(),
    ...told,
  };
  process.stdout.write(`${JSON.stringify(sample)}\n`);
}
