import { mkdir } from "node:fs/promises";
import path from "node:path";
import { interruption, throwIfAborted, usageError } from "../common/errors.js";
import { writeFileAtomic } from "../files/atomic.js";
import { outputError } from "../files/output-folder.js";
import type { PartialOutput } from "../files/partial-output.js";
import { checkFeatures, checkFinite, datasetOfRun, makeAxes } from "../landscape/index.js";
import { isDense, saveNetwork } from "../model/index.js";
import type { DenseNetwork } from "../model/index.js";
import { openRun, rowsOfRun } from "../train/index.js";
import type { Run, RunRows } from "../train/index.js";
import { hasPieces } from "./certificate/row/line-network.js";
import { certifyLine, certifyLinear, type LineSummary } from "./certify-line.js";
import { certifySettings, type CertifySettings } from "./certify-options.js";
import { differenceOf, hashOf, keepPlan } from "./plan.js";
import { openCertificate } from "./store/open-certificate.js";
import { CERTIFICATE_FILE, openCertificateOutput } from "./store/certificate-output.js";
import { holdsPieces } from "./store/pieces-state.js";
import type { Certificate, CertificateRecord, CertifyOptions } from "./certificate-types.js";

/**
 * Finds out where the mean loss of the selected batches is convex along a line, from its exact pieces:
 * a ReLU network with one or two hidden layers is a polynomial between the places where units switch. All
 * rounding is bounded; what the bounds do not decide is reported as undecided. Nothing is sampled.
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
  const output = await openCertificateOutput(job.settings.out, options);
  if (output.action === "complete") {
    output.keep();
    return finishedAs(job);
  }
  try {
    await compute(job, output);
    await output.commit();
  } catch (error) {
    const isKept = output.action === "resume" || holdsPieces(output.partial);
    if (isKept) output.keep();
    else await output.discard();
    if (!options.signal?.aborted)
      throw outputError(job.settings.out, { name: "a certificate" }, error);
    throw interruption((option) =>
      isKept
        ? `The certificate was interrupted; the same command with ${option("resume")} continues it.`
        : "The certificate was interrupted, and nothing of it is kept; the same command starts it again.",
    );
  }
  return openCertificate(job.settings.out);
}

interface CertifyJob {
  run: Run;
  network: DenseNetwork;
  dataset: RunRows;
  settings: CertifySettings;
  options: CertifyOptions;
}

async function jobOf(run: Run, options: CertifyOptions): Promise<CertifyJob> {
  const dataset = rowsOfRun(run, await datasetOfRun(run, options.dataset, options));
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

async function compute(job: CertifyJob, { partial, result }: PartialOutput): Promise<void> {
  const { run, network, dataset, settings, options } = job;
  const { signal } = options;
  const started = performance.now();
  const { batches, line, from, to } = settings;
  const input = { run, network, dataset, batches, batchSize: line.batchSize, signal };
  const axes = await makeAxes(input, line);
  const [centre, direction] = [axes.centre, axes.directions[0]!];
  const plan = certificatePlan(job, hashOf(direction));
  await keepPlan(partial, plan, settings.out, "certificate");
  await mkdir(result, { recursive: true });
  const ends = { centre, direction, from, to };
  const found = isLinear(network)
    ? await certifyLinear(job, ends, result)
    : await certifyLine(job, ends, partial, result);
  await saveNetwork(path.join(result, "centre"), centre);
  await saveNetwork(path.join(result, "directions", "1"), direction);
  const seconds = (performance.now() - started) / 1000;
  const record = recordOf(job, axes.parameter, found, seconds);
  const file = path.join(result, CERTIFICATE_FILE);
  await writeFileAtomic(file, `${JSON.stringify(record, null, 2)}\n`);
  throwIfAborted(signal);
}

/** What a certificate depends on, by the names of the options. */
function certificatePlan({ network, dataset, settings }: CertifyJob, direction: string) {
  const { line, from, to, batches, memory } = settings;
  const { along, normalize, seed, scale, batchSize } = line;
  return {
    dataset: dataset.fingerprint,
    model: hashOf(network),
    along,
    normalize,
    seed,
    scale,
    direction,
    from,
    to,
    batches,
    batchSize,
    // Events are sorted in runs of this size.
    memory,
  };
}

function recordOf(
  { run, dataset, settings }: CertifyJob,
  parameter: string | undefined,
  found: LineSummary,
  seconds: number,
): CertificateRecord {
  const { from, to, batches, line, command } = settings;
  const { along, normalize, seed, scale, batchSize } = line;
  const { intervalCount, lengths, least, intervals, counts, kinks, secondDifference } = found;
  const isBroken = counts.falling > 0 || lengths.negative > 0;
  const isKnown = counts.undecided === 0 && lengths.undecided === 0;
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
    intervalCount,
    lengths,
    least,
    intervals,
    kinkCounts: counts,
    kinks,
    secondDifference,
    command,
    seconds,
  };
}

/** A complete certificate that `resume` finds, if it is that of the same line and rows. */
async function finishedAs({ dataset, settings }: CertifyJob): Promise<Certificate> {
  const found = await openCertificate(settings.out);
  const { along, normalize, seed, scale, batchSize } = settings.line;
  const { from, to, batches } = settings;
  const differing = differenceOf(
    { ...found.record, dataset: found.record.dataset.fingerprint },
    {
      dataset: dataset.fingerprint,
      along,
      normalize,
      seed,
      scale,
      from,
      to,
      batchSize,
      batches,
    },
  );
  if (differing === undefined) return found;
  throw usageError(
    (option) =>
      `${settings.out} already holds a certificate of another ${option(differing)}; choose another folder with ${option("out")}, or replace it with ${option("force")}.`,
  );
}
