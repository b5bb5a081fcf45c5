import { mkdir } from "node:fs/promises";
import path from "node:path";
import { interruption, throwIfAborted, usageError } from "../common/errors.js";
import { createPause } from "../common/pause.js";
import { writeFileAtomic } from "../files/atomic.js";
import {
  checkFeatures,
  checkFinite,
  datasetOfRun,
  makeAxes,
  readBatches,
} from "../landscape/index.js";
import { isDense, saveNetwork } from "../model/index.js";
import type { DenseNetwork } from "../model/index.js";
import { openRun, rowsOfRun } from "../train/index.js";
import type { Run, RunRows } from "../train/index.js";
import { linePieces, type NumberedRows } from "./certificate/line-pieces.js";
import { hasPieces } from "./certificate/line-network.js";
import { linearBend } from "./certificate/linear.js";
import { sweepLine, type SweptLine } from "./certificate/sweep.js";
import { certifySettings, type CertifySettings } from "./certify-options.js";
import { openCertificate } from "./store/open-certificate.js";
import { CERTIFICATE_FILE, openCertificateOutput } from "./store/certificate-output.js";
import { writeIntervals, writeKinks } from "./store/certificate-tables.js";
import type { Certificate, CertificateRecord, CertifyOptions } from "./certificate-types.js";

/** The most events in memory: 60 MiB. A line with more is divided, and its rows are read for each part. */
const MOST_EVENTS = 600_000;
/** The most intervals and kinks that the record repeats. */
const MOST_LISTED = 1000;

/**
 * Finds out where the mean loss of the selected batches is convex along a line, from its exact pieces:
 * a ReLU network with one or two hidden layers is a polynomial between the places where units switch. All
 * rounding is bounded; what the bound does not decide is called undecided. Nothing is sampled.
 *
 * @param run a run, or its folder
 * @returns the certificate, as read back from its folder
 * @throws a usage error for wrong options or another model; a failure where run, dataset and model do not
 *   fit each other or files cannot be read or written; an interruption once `signal` is aborted
 */
export async function certify(
  run: Run | string,
  options: CertifyOptions = {},
): Promise<Certificate> {
  const job = await jobOf(typeof run === "string" ? await openRun(run) : run, options);
  throwIfAborted(options.signal);
  const { out } = job.settings;
  const output = await openCertificateOutput(out, options);
  if (output.action === "complete") {
    output.keep();
    return openCertificate(out);
  }
  try {
    await compute(job, output.result);
    await output.commit();
  } catch (error) {
    await output.discard();
    if (!options.signal?.aborted) throw error;
    throw interruption("The certificate was interrupted; the same command starts it again.");
  }
  return openCertificate(out);
}

interface CertifyJob {
  run: Run;
  network: DenseNetwork;
  dataset: RunRows;
  settings: CertifySettings;
  options: CertifyOptions;
}

async function jobOf(run: Run, options: CertifyOptions): Promise<CertifyJob> {
  const dataset = rowsOfRun(run, await datasetOfRun(run, options.dataset));
  const settings = certifySettings(run, dataset.rows, options);
  const network = await run.weights();
  checkFeatures(run, network, dataset);
  checkFinite(run, network);
  if (!isDense(network) || !(hasPieces(network) || isLinear(network))) {
    throw usageError(
      `The model of ${run.dir} has no certificate: that needs the linear model, or ReLU units in one or two hidden layers.`,
    );
  }
  return { run, network, dataset, settings, options };
}

function isLinear(network: DenseNetwork): boolean {
  return network.length === 1 && network[0]!.activation === "linear";
}

async function compute(job: CertifyJob, folder: string): Promise<void> {
  const { run, network, dataset, settings, options } = job;
  const { signal } = options;
  const started = performance.now();
  const { batches, line } = settings;
  const { batchSize } = line;
  const input = { run, network, dataset, batches, batchSize, signal };
  const axes = await makeAxes(input, line);
  const ends = { centre: axes.centre, direction: axes.directions[0]! };
  const swept = isLinear(network)
    ? await sweepLinear(job, ends)
    : await sweepPieces(job, { ...ends, from: settings.from, to: settings.to });
  await mkdir(folder, { recursive: true });
  await saveNetwork(path.join(folder, "centre"), ends.centre);
  await saveNetwork(path.join(folder, "directions", "1"), ends.direction);
  await writeIntervals(path.join(folder, "intervals.parquet"), swept.intervals);
  await writeKinks(path.join(folder, "kinks.parquet"), swept.kinks);
  const seconds = (performance.now() - started) / 1000;
  const record = recordOf(job, axes.parameter, swept, seconds);
  const file = path.join(folder, CERTIFICATE_FILE);
  await writeFileAtomic(file, `${JSON.stringify(record, null, 2)}\n`);
  throwIfAborted(signal);
}

/**
 * The selected rows, with their numbers in the dataset.
 *
 * @yields a batch at a time
 */
async function* rowsOf(job: CertifyJob): AsyncGenerator<NumberedRows, void, void> {
  const { dataset, settings, options } = job;
  const { batches, line } = settings;
  let done = 0;
  for await (const batch of readBatches(dataset, batches, line.batchSize, options.signal)) {
    yield {
      x: batch.x,
      y: batch.y,
      rows: batch.rows,
      first: batch.index * line.batchSize,
    };
    done++;
    options.onProgress?.({
      phase: "certifying",
      done,
      total: batches.length,
      unit: "batches",
      rows: done * line.batchSize,
    });
  }
}

/** The mean loss of a linear model is a quadratic with 2·mean(q²) ≥ 0, where q is what the direction predicts. */
async function sweepLinear(
  job: CertifyJob,
  { direction }: { direction: DenseNetwork },
): Promise<SweptLine> {
  const { from, to } = job.settings;
  const { bend, bound } = await linearBend(direction, rowsOf(job));
  return {
    intervals: [{ from, to, verdict: "convex", least: bend, bound }],
    kinks: [],
    counts: { falling: 0, rising: 0, undecided: 0 },
  };
}

/** Sweeps a line, in halves where it has more events than fit. */
async function sweepPieces(
  job: CertifyJob,
  line: { centre: DenseNetwork; direction: DenseNetwork; from: number; to: number },
): Promise<SweptLine> {
  const pause = createPause(job.options.signal);
  const pieces = await linePieces(line, rowsOf(job), MOST_EVENTS, pause);
  if (pieces !== undefined) return sweepLine(pieces);
  const middle = (line.from + line.to) / 2;
  const left = await sweepPieces(job, { ...line, to: middle });
  const right = await sweepPieces(job, { ...line, from: middle });
  return {
    intervals: [...left.intervals, ...right.intervals],
    kinks: [...left.kinks, ...right.kinks],
    counts: {
      falling: left.counts.falling + right.counts.falling,
      rising: left.counts.rising + right.counts.rising,
      undecided: left.counts.undecided + right.counts.undecided,
    },
  };
}

function recordOf(
  { run, dataset, settings }: CertifyJob,
  parameter: string | undefined,
  { intervals, kinks, counts }: SweptLine,
  seconds: number,
): CertificateRecord {
  const { from, to, batches, line, command } = settings;
  const { along, normalize, seed, scale, batchSize } = line;
  const lengths = { convex: 0, negative: 0, undecided: 0 };
  for (const interval of intervals) lengths[interval.verdict] += interval.to - interval.from;
  const isBroken = kinks.length > 0 || intervals.some(({ verdict }) => verdict === "negative");
  const isKnown = counts.undecided === 0 && intervals.every(({ verdict }) => verdict === "convex");
  return {
    formatVersion: 1,
    run: run.dir,
    dataset: { path: dataset.path, fingerprint: dataset.fingerprint },
    standardized: (run.record.standardize?.target ?? null) !== null,
    along,
    ...(parameter === undefined ? {} : { parameter }),
    normalize,
    seed,
    scale,
    from,
    to,
    batchSize,
    batches,
    rows: batches.reduce(
      (sum, batch) => sum + Math.min(batchSize, dataset.rows - batch * batchSize),
      0,
    ),
    convex: isBroken ? false : isKnown ? true : null,
    intervalCount: intervals.length,
    lengths,
    least: intervals.reduce((least, one) => (one.least < least.least ? one : least), intervals[0]!),
    intervals: intervals
      .toSorted((one, other) => other.to - other.from - (one.to - one.from))
      .slice(0, MOST_LISTED)
      .toSorted((one, other) => one.from - other.from),
    kinkCounts: counts,
    kinks: kinks
      .toSorted((one, other) => one.slopeChange - other.slopeChange)
      .slice(0, MOST_LISTED),
    command,
    seconds,
  };
}
