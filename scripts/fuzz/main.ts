import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { messageOf, usageError, VadiError } from "../../src/common/errors.js";
import { formatCount } from "../../src/common/text/numbers.js";
import { parseCount } from "../../src/common/text/parse.js";
import { driveTarget, writeSamples, type Tally } from "./drive.js";
import { TARGETS } from "./targets/index.js";

/*
 * `npm run fuzz`: changes files that vadi and other programs have written, and reads them. Each input must be
 * read, or refused by vadi's own error in a sentence, within bounded time and memory; values with a checksum
 * must be the right ones. Every input follows from the seed and its number.
 */

function readOptions(): { seed: number; first: number; inputs: number; targets: string[] } {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      // Number of the first input.
      first: { type: "string", default: "0" },
      // Inputs of each target.
      inputs: { type: "string", default: "1000" },
      // Default: all.
      target: { type: "string", multiple: true, default: [] },
    },
  });
  const targets = values.target.length === 0 ? Object.keys(TARGETS) : values.target;
  const unknown = targets.find((name) => !Object.hasOwn(TARGETS, name));
  if (unknown !== undefined) {
    throw usageError(
      `There is no target ${unknown}; choose one of ${Object.keys(TARGETS).join(", ")}.`,
    );
  }
  return {
    seed: parseCount(values.seed, "--seed"),
    first: parseCount(values.first, "--first"),
    inputs: parseCount(values.inputs, "--inputs"),
    targets,
  };
}

function line(name: string, { same, other, refused, findings }: Tally): string {
  const total = same + other + refused + findings.length;
  return `${name}: ${formatCount(total)} inputs: ${same} read to the same, ${other} to other values, ${refused} refused, ${findings.length} findings\n`;
}

/** @returns the number of findings */
async function fuzz(): Promise<number> {
  const { seed, first, inputs, targets } = readOptions();
  const scratch = await mkdtemp(path.join(tmpdir(), "vadi-fuzz-"));
  const all: Tally = { same: 0, other: 0, refused: 0, findings: [] };
  try {
    for (const name of targets) {
      const folder = path.join(scratch, name);
      await mkdir(folder);
      await writeSamples(name, folder);
      const range = { seed, first, end: first + inputs };
      const tally = await driveTarget(name, folder, range, ({ number, what, place = "" }) => {
        process.stdout.write(
          `FOUND ${name} ${place}: ${what}\n  to repeat: npm run fuzz -- --target ${name} --seed ${seed} --first ${number} --inputs 1\n`,
        );
      });
      process.stdout.write(line(name, tally));
      all.same += tally.same;
      all.other += tally.other;
      all.refused += tally.refused;
      all.findings.push(...tally.findings);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  process.stdout.write(line(`seed ${seed}`, all));
  return all.findings.length;
}

try {
  process.exitCode = (await fuzz()) > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  const isUsage = error instanceof VadiError ? error.kind === "usage" : error instanceof TypeError;
  process.exitCode = isUsage ? 2 : 1;
}
