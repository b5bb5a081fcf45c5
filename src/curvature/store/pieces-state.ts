import path from "node:path";
import { z } from "zod/mini";
import { writeFileAtomic } from "../../files/atomic.js";
import { readJson } from "../../files/read-json.js";
import type { PieceSums } from "../certificate/part-pieces.js";
import { exists } from "../../files/folders.js";

const STATE_FILE = "pieces.json";
const count = z.number().check(z.int(), z.gte(0));
const schema = z.strictObject({
  formatVersion: z.literal(1),
  parts: count,
  runs: z.array(count),
  total: z.strictObject({
    rows: count,
    sums: z.array(z.number()).check(z.length(7)),
    rests: z.array(z.number()).check(z.length(7)),
    error: z.number(),
    magnitude: z.number(),
  }),
});

/** How far an interrupted job has come. */
export interface FoundPieces {
  /** Parts of the rows whose events are in the file, in runs of so many records. */
  parts: number;
  runs: number[];
  /** The sums over them. */
  total: PieceSums;
}

/** What is kept of a certificate until it is complete. */
export interface PiecesState {
  /** What an interrupted job left. */
  readonly begin: FoundPieces | undefined;
  save(found: FoundPieces): Promise<void>;
}

/** Whether a folder of a certificate that is not complete holds what can be continued. */
export function holdsPieces(partial: string): boolean {
  return exists(path.join(partial, STATE_FILE));
}

/** Opens the state in the folder of a certificate that is not complete. */
export async function openPiecesState(partial: string): Promise<PiecesState> {
  const file = path.join(partial, STATE_FILE);
  return {
    begin: holdsPieces(partial) ? await readPieces(file) : undefined,
    async save({ parts, runs, total }) {
      const numbers = { ...total, sums: Array.from(total.sums), rests: Array.from(total.rests) };
      const content = { formatVersion: 1, parts, runs, total: numbers };
      await writeFileAtomic(file, `${JSON.stringify(content)}\n`);
    },
  };
}

async function readPieces(file: string): Promise<FoundPieces> {
  const { parts, runs, total } = await readJson(file, schema, "a certificate's progress");
  const sums = Float64Array.from(total.sums);
  return { parts, runs, total: { ...total, sums, rests: Float64Array.from(total.rests) } };
}
