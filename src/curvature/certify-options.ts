import { availableParallelism } from "node:os";
import path from "node:path";
import { shellWord } from "../common/command-line.js";
import { usageError } from "../common/errors.js";
import { fillOptions, optionWords, pickOptions } from "../common/options/options.js";
import { checkResumeOrForce } from "../files/output-folder.js";
import { landscapeSettings, selectBatches, type LandscapeSettings } from "../landscape/index.js";
import type { Run } from "../train/index.js";
import type { CertifyOptions } from "./certificate-types.js";
import { certifyOptions } from "./options.js";
import { outputPath } from "../files/output-path.js";

/** What a certificate is computed with. */
export interface CertifySettings {
  out: string;
  /** The line, as a landscape has it. */
  line: LandscapeSettings;
  /** The first α and the last. */
  from: number;
  to: number;
  batches: number[];
  workers: number;
  memory: number;
  /** The settings as a command line. */
  command: string;
}

/**
 * Fills in the defaults and checks the rest.
 *
 * @param rows of the dataset
 * @throws a usage error that names the option
 */
export function certifySettings(
  run: Pick<Run, "dir" | "record">,
  rows: number,
  options: CertifyOptions,
): CertifySettings {
  const { dataset, ...given } = options;
  const filled = fillOptions(certifyOptions, given);
  checkResumeOrForce(filled.resume, filled.force);
  const { along, scale, normalize, seed, from, to } = filled;
  if (!(from < to)) {
    throw usageError(
      (option) =>
        `${option("from")} must be less than ${option("to")}, but they are ${from} and ${to}.`,
    );
  }
  const batchSize = filled.batchSize ?? run.record.options.batchSize;
  const line = landscapeSettings({ along, scale, normalize, seed, batchSize }, batchSize);
  const batches = selectBatches(filled.batches, rows, batchSize);
  const isAll = batches.length === Math.ceil(rows / batchSize);
  const name = [
    along.startsWith("model:") ? "model" : along.replaceAll(/[:@]/g, "-"),
    `from-${from * scale}-to-${to * scale}`,
    `batches-${isAll ? "all" : certifyOptions.batches.kind.print(filled.batches).slice(0, 60)}`,
    `seed-${seed}`,
  ].join("-");
  const out = outputPath(filled.out ?? path.join(run.dir, "certificates", name));
  const words = {
    ...pickOptions(certifyOptions, { ...given }),
    ...(dataset !== undefined && {
      dataset: typeof dataset === "string" ? dataset : dataset.path,
    }),
    out,
  };
  const used = { ...filled, batchSize, dataset: undefined, out: undefined };
  return {
    out,
    line,
    from: from * scale,
    to: to * scale,
    batches,
    workers: filled.workers ?? availableParallelism(),
    memory: filled.memory,
    command: [
      `vadi certify ${shellWord(run.dir)}`,
      ...optionWords(certifyOptions, used, words),
    ].join(" "),
  };
}
