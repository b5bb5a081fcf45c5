import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod/mini";
import { failure, messageOf, systemCode } from "../../common/errors.js";
import { writeFileAtomic } from "../../files/atomic.js";
import type { BatchEigenvalues } from "../batches/types.js";

/** Its name within the folder of a result that is not complete. */
export const BATCHES_FILE = "batches.jsonl";

const line = z.strictObject({
  batch: z.number().check(z.int(), z.gte(0)),
  least: z.number(),
  leastResidual: z.number().check(z.gte(0)),
  largest: z.number(),
  largestResidual: z.number().check(z.gte(0)),
});

/** Reads the batches that are done, and removes what follows a line that a kill has cut. */
export async function openBatchJournal(file: string): Promise<BatchEigenvalues[]> {
  const found = await readLines(file);
  await writeFileAtomic(file, found.map((values) => `${JSON.stringify(values)}\n`).join(""));
  return found;
}

async function readLines(file: string): Promise<BatchEigenvalues[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  const found: BatchEigenvalues[] = [];
  for (const content of text.split("\n")) {
    try {
      found.push(z.parse(line, JSON.parse(content)));
    } catch {
      return found;
    }
  }
  return found;
}

/** Appends a batch that is done. */
export async function appendToJournal(file: string, values: BatchEigenvalues): Promise<void> {
  try {
    await appendFile(file, `${JSON.stringify(values)}\n`);
  } catch (error) {
    throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
  }
}
