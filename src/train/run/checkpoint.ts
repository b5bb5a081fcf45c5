import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod/mini";
import { failure, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { checkFiles, CHECKSUMS_FILE, checksumsText } from "../../files/checksums.js";
import { hashBytes } from "../../files/hash.js";
import { readJson } from "../../files/read-json.js";
import { syncFolderNow } from "../../files/system/flush.js";
import { loaderStateSchema, type LoaderState } from "../../stream/index.js";
import type { EngineState } from "../engine/types.js";
import { loadModel, modelFiles, parametersOf, withParameters } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import type { ValidationMeasure } from "../types.js";

const STATE_FILE = "state.json";
const SLOTS_FILE = "slots.bin";
const BEST_FILE = "best.bin";

/** The results of validation so far. */
export interface ValidationState {
  /** After each epoch. */
  measures: ValidationMeasure[];
  /** The weights with the smallest loss; kept only with patience. */
  best: Float32Array[] | undefined;
}

/** Everything that training needs to continue as if it had never stopped. */
export interface Checkpoint {
  engine: EngineState;
  network: Network;
  loader: LoaderState | undefined;
  steps: number;
  epochs: number;
  rows: number;
  /** Length of history.jsonl, in bytes. */
  historyBytes: number;
  /** The latest logged loss. */
  loss: number | null;
  seconds: number;
  waitedSeconds: number;
  validation: ValidationState;
}

const count = z.number().check(z.int(), z.nonnegative());

const nullable = z.nullable(z.number());

const stateSchema = z.object({
  formatVersion: z.literal(1),
  steps: count,
  epochs: count,
  rows: count,
  optimizerStep: count,
  historyBytes: count,
  loss: z.nullable(z.number()),
  seconds: z.number(),
  waitedSeconds: z.number(),
  loader: z.nullable(loaderStateSchema),
  validationLosses: z.array(z.number()),
  /** R² and mean absolute error; not in checkpoints of earlier versions. */
  validationQuality: z._default(z.array(z.tuple([nullable, nullable])), []),
  /** The slots' names and the lengths of their arrays, in the order of slots.bin. */
  slots: z.array(z.object({ name: z.string().check(z.maxLength(100)), lengths: z.array(count) })),
});

/** The folder of a step's checkpoint. */
function folderOf(dir: string, step: number): string {
  return path.join(dir, `step-${step}`);
}

/** The steps of the checkpoints in a folder, newest first. Unfinished ones have other names. */
export async function listSteps(dir: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw failure(`Could not read ${dir}: ${messageOf(error)}.`, error);
  }
  return names
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => b - a);
}

/**
 * Writes a checkpoint as `step-N/`, atomically: it gets its name once it is complete and on disk. Then
 * removes all but the newest `keep`.
 *
 * @throws a failure that names the folder
 */
export async function writeCheckpoint(
  dir: string,
  checkpoint: Checkpoint,
  keep: number,
): Promise<void> {
  const { engine, network, loader, validation, ...counters } = checkpoint;
  const target = folderOf(dir, checkpoint.steps);
  const temporary = `${target}.tmp`;
  const slots = Object.entries(engine.slots);
  const state: z.infer<typeof stateSchema> = {
    formatVersion: 1,
    ...counters,
    optimizerStep: engine.step,
    loader: loader ?? null,
    validationLosses: validation.measures.map(({ loss }) => loss),
    validationQuality: validation.measures.map(({ rSquared, meanAbsoluteError }) => [
      rSquared,
      meanAbsoluteError,
    ]),
    slots: slots.map(([name, arrays]) => ({ name, lengths: arrays.map(({ length }) => length) })),
  };
  const files: Record<string, string | Uint8Array> = {
    ...(await modelFiles(network)),
    [SLOTS_FILE]: bytesOf(slots.flatMap(([, arrays]) => arrays)),
    ...(validation.best === undefined ? {} : { [BEST_FILE]: bytesOf(validation.best) }),
    [STATE_FILE]: `${JSON.stringify(state)}\n`,
  };
  const names = Object.keys(files).toSorted();
  files[CHECKSUMS_FILE] = checksumsText(
    names.map((file) => ({ file, sha256: hashBytes(files[file]!) })),
  );
  try {
    await mkdir(dir, { recursive: true });
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    for (const [name, content] of Object.entries(files)) {
      const handle = await open(path.join(temporary, name), "w");
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    syncFolderNow(temporary);
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
    syncFolderNow(dir);
    await prune(dir, keep);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw failure(`Could not write the checkpoint ${target}: ${messageOf(error)}.`, error);
  }
}

/** Removes all but the newest `keep` checkpoints. */
async function prune(dir: string, keep: number): Promise<void> {
  for (const old of (await listSteps(dir)).slice(keep)) {
    await rm(folderOf(dir, old), { recursive: true, force: true });
  }
}

/**
 * Reads the newest checkpoint that is undamaged and usable. Removes newer ones and unfinished ones, whose steps will be
 * repeated, and those beyond `keep`, of which a killed process may have left some.
 *
 * @param isUsable a further condition, such as that the history reaches as far
 * @returns undefined where there is none
 */
export async function newestCheckpoint(
  dir: string,
  keep: number,
  isUsable: (checkpoint: Checkpoint) => boolean,
): Promise<Checkpoint | undefined> {
  let found: Checkpoint | undefined;
  for (const step of await listSteps(dir)) {
    try {
      const checkpoint = await readCheckpoint(folderOf(dir, step));
      if (isUsable(checkpoint)) {
        found = checkpoint;
        break;
      }
    } catch (error) {
      // A damaged checkpoint is skipped: an older one leads to the same weights.
      if (!(error instanceof VadiError)) throw error;
    }
  }
  const newest = found?.steps ?? -1;
  try {
    for (const name of await readdir(dir).catch((): string[] => [])) {
      const step = Number(/^step-(\d+)/.exec(name)?.[1] ?? Number.NaN);
      if (step > newest || name.endsWith(".tmp")) {
        await rm(path.join(dir, name), { recursive: true, force: true });
      }
    }
    await prune(dir, keep);
  } catch (error) {
    throw failure(`Could not remove old checkpoints from ${dir}: ${messageOf(error)}.`, error);
  }
  return found;
}

async function readCheckpoint(folder: string): Promise<Checkpoint> {
  await checkFiles(folder, [STATE_FILE]);
  const state = await readJson(path.join(folder, STATE_FILE), stateSchema, "a checkpoint's state");
  const network = await loadModel(folder);
  const parameters = parametersOf(network).map(({ values }) => values);
  const lengths = state.slots.flatMap((slot) => slot.lengths);
  const arrays = await readArrays(path.join(folder, SLOTS_FILE), lengths);
  let at = 0;
  const slots = state.slots.map(({ name, lengths: own }): [string, Float32Array[]] => [
    name,
    own.map(() => arrays[at++]!),
  ]);
  const hasBest = (await readdir(folder)).includes(BEST_FILE);
  const best = hasBest
    ? await readArrays(
        path.join(folder, BEST_FILE),
        parameters.map(({ length }) => length),
      )
    : undefined;
  const { validationLosses, validationQuality, ...others } = state;
  const { optimizerStep, loader, formatVersion: _, slots: __, ...rest } = others;
  const measures = validationLosses.map((loss, epoch): ValidationMeasure => {
    const [rSquared = null, meanAbsoluteError = null] = validationQuality[epoch] ?? [];
    return { loss, rSquared, meanAbsoluteError };
  });
  return {
    ...rest,
    network: withParameters(network, parameters),
    engine: { step: optimizerStep, weights: parameters, slots: Object.fromEntries(slots) },
    loader: loader ?? undefined,
    validation: { measures, best },
  };
}

/** The concatenation of float32 arrays, little-endian. */
function bytesOf(arrays: readonly Float32Array[]): Uint8Array {
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}

async function readArrays(file: string, lengths: readonly number[]): Promise<Float32Array[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  const numbers = lengths.reduce((sum, length) => sum + length, 0);
  if (bytes.length !== 4 * numbers) {
    throw failure(`${file} is damaged: it should be ${4 * numbers} bytes long.`);
  }
  // A copy, since Float32Array needs an offset that is a multiple of four.
  const all = new Float32Array(Uint8Array.from(bytes).buffer);
  let at = 0;
  return lengths.map((length) => all.slice(at, (at += length)));
}
