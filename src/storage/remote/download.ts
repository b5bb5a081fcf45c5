import { setTimeout as pause } from "node:timers/promises";
import { failure, interruption, messageOf, VadiError } from "../../common/errors.js";
import { PassingError, type ObjectStore } from "./types.js";

/** How patient a download is. */
export interface Patience {
  /** Tries in a row that may bring no byte. */
  tries: number;
  /** Milliseconds without a byte after which a connection counts as broken. */
  stall: number;
  /** Milliseconds before the second try; each further one waits twice as long. */
  pause: number;
}

export const PATIENCE: Patience = { tries: 7, stall: 30_000, pause: 200 };

/** The longest pause between two tries, in milliseconds. */
const LONGEST_PAUSE = 10_000;

/** Where the bytes of an object go. */
export interface Sink {
  /** Takes bytes, in order. */
  bytes(bytes: Uint8Array): void;
  /** Throws away what it was given: the object comes again from its first byte. */
  start(): void;
  /** How many bytes there must be; undefined where that is not known. */
  expected?: number;
}

/**
 * Reads a whole object, over broken connections and busy stores: each try continues where the last one ended.
 *
 * @param name of the object in the store
 * @param shown how errors name it
 * @returns false where there is no such object
 * @throws a failure that names the object, an interruption once aborted
 */
export async function download(
  store: ObjectStore,
  name: string,
  shown: string,
  sink: Sink,
  signal: AbortSignal,
  patience: Patience = PATIENCE,
): Promise<boolean> {
  const progress = { done: 0 };
  for (let failures = 0; ;) {
    const before = progress.done;
    try {
      return await readOn(store, name, sink, progress, signal, patience.stall);
    } catch (error) {
      if (signal.aborted) throw interruption();
      if (error instanceof VadiError) throw error;
      failures = progress.done > before ? 1 : failures + 1;
      if (failures >= patience.tries) {
        throw failure(
          `${shown} could not be read in ${patience.tries} tries: ${messageOf(error)}.`,
          error,
        );
      }
      await waitForNext(failures, patience, signal);
    }
  }
}

/**
 * Repeats a request while the store is too busy or cannot be reached.
 *
 * @param shown how errors name the object
 * @param what is done to it, as errors say: "written"
 * @throws a failure that names the object, an interruption once aborted
 */
export async function repeated<Result>(
  shown: string,
  what: string,
  signal: AbortSignal,
  request: () => Promise<Result>,
  patience: Patience = PATIENCE,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await request();
    } catch (error) {
      if (signal.aborted) throw interruption();
      if (!(error instanceof PassingError)) throw error;
      if (tries >= patience.tries) {
        throw failure(
          `${shown} could not be ${what} in ${tries} tries: ${messageOf(error)}.`,
          error,
        );
      }
      await waitForNext(tries, patience, signal);
    }
  }
}

async function waitForNext(
  failures: number,
  patience: Patience,
  signal: AbortSignal,
): Promise<void> {
  const length = Math.min(LONGEST_PAUSE, patience.pause * 2 ** (failures - 1));
  // Many clients that a busy store has refused must not come back at the same moment.
  await pause(length * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
  if (signal.aborted) throw interruption();
}

/** One try: reads from where the last one ended. */
async function readOn(
  store: ObjectStore,
  name: string,
  { bytes, start, expected }: Sink,
  progress: { done: number },
  signal: AbortSignal,
  stall: number,
): Promise<boolean> {
  const limit = new AbortController();
  const reason = new PassingError(`no byte came for ${stall / 1000} s`);
  const timer = setTimeout(() => limit.abort(reason), stall);
  const ended = AbortSignal.any([signal, limit.signal]);
  const over = new Promise<never>((_, reject) => {
    ended.addEventListener("abort", () => reject(ended.reason as Error), { once: true });
  });
  over.catch(() => {});
  let close: (() => void) | undefined;
  let isOver = false;
  const pump = async (): Promise<boolean> => {
    const body = await store.read(name, progress.done, ended);
    if (body === undefined) return false;
    close = body.close;
    if (body.from !== progress.done) {
      start();
      progress.done = body.from;
    }
    for await (const chunk of body.chunks) {
      if (isOver) break;
      timer.refresh();
      progress.done += chunk.byteLength;
      bytes(chunk);
    }
    if (expected !== undefined && progress.done < expected) {
      throw new PassingError(`it ended after ${progress.done} of ${expected} bytes`);
    }
    close = undefined;
    return true;
  };
  try {
    // Once, not for each chunk: a promise that lives on keeps all that it is raced with.
    return await Promise.race([pump(), over]);
  } finally {
    isOver = true;
    clearTimeout(timer);
    close?.();
  }
}
