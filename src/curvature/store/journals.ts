import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod/mini";
import { failure, messageOf, systemCode } from "../../common/errors.js";
import { writeFileAtomic } from "../../files/atomic.js";
import type { BatchEigenvalues } from "../batches/types.js";
import type { SnapshotSharpness } from "../sharpness/types.js";

/*
 * In the folder of a result that is not complete: what is done of the eigenvalues of batches and of snapshots, a line
 * of JSON each.
 */

/** What is done so far, and is kept. */
export interface Journal<Line> {
  readonly lines: readonly Line[];
  append(line: Line): Promise<void>;
}

/** A snapshot that is done, and the SHA-256 of its weights. */
export type SnapshotLine = Omit<SnapshotSharpness, "limit"> & { model: string };

const whole = z.number().check(z.int(), z.gte(0));
const residual = z.number().check(z.gte(0));

const batchLine: z.ZodMiniType<BatchEigenvalues> = z.strictObject({
  batch: whole,
  least: z.number(),
  leastResidual: residual,
  largest: z.number(),
  largestResidual: residual,
});

const snapshotLine: z.ZodMiniType<SnapshotLine> = z.strictObject({
  step: whole,
  model: z.string(),
  largest: z.number(),
  residual,
});

/** The batches that are done. */
export function openBatchJournal(file: string): Promise<Journal<BatchEigenvalues>> {
  return openJournal(file, batchLine);
}

/** The snapshots that are done. */
export function openSnapshotJournal(file: string): Promise<Journal<SnapshotLine>> {
  return openJournal(file, snapshotLine);
}

/** Reads what is done, and removes what follows a line that a kill has cut. */
async function openJournal<Line>(
  file: string,
  schema: z.ZodMiniType<Line>,
): Promise<Journal<Line>> {
  const lines = await readLines(file, schema);
  await writeFileAtomic(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return {
    lines,
    async append(line) {
      try {
        await appendFile(file, `${JSON.stringify(line)}\n`);
      } catch (error) {
        throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
      }
      lines.push(line);
    },
  };
}

async function readLines<Line>(file: string, schema: z.ZodMiniType<Line>): Promise<Line[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  const found: Line[] = [];
  for (const content of text.split("\n")) {
    try {
      found.push(z.parse(schema, JSON.parse(content)));
    } catch {
      return found;
    }
  }
  return found;
}
