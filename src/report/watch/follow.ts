import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf, systemCode } from "../../common/errors.js";
import { openRun, type Run } from "../../train/index.js";
import { languageOf } from "../../language/index.js";
import { hasStandardizedTarget, lossName } from "../figures/loss-names.js";
import { titleOfRun } from "../sections/run.js";
import type { RunState, WatchEvent } from "./events.js";
import { followHistory } from "./history.js";
import { landscapeFigure, sliceAround } from "./live-figures.js";
import { landscapeNames, newestSnapshot } from "./snapshots.js";
import { createWatchState, type WatchState } from "./state.js";

// The page is in English.
const { texts } = languageOf("en");

/** The most landscapes that a page shows: the last by name. */
const mostLandscapes = 4;

export interface FollowOptions {
  /** Milliseconds between two checks of the folder. */
  interval: number;
  /** Whether slices through checkpoints are computed. */
  slices: boolean;
  signal: AbortSignal;
  /** Called with each change, in order. */
  onEvent(event: WatchEvent): void;
}

/** Follows a run's folder. */
export interface Follower {
  /** The events that bring a new page up to date. */
  events(): WatchEvent[];
  /** Resolves after the signal is aborted. */
  readonly ended: Promise<void>;
  /** Checks the folder once, now. */
  check(): Promise<void>;
}

/** Checks a run's folder for changes at intervals. The folder may appear later. */
export function followRun(dir: string, options: FollowOptions): Follower {
  const { interval, signal, onEvent } = options;
  const history = followHistory(path.join(dir, "history.jsonl"));
  const state = createWatchState(waitingState(dir), onEvent);
  const slicer = createSlicer(state, signal);
  let run: Run | undefined;

  async function checkRun(): Promise<void> {
    run = await openIfThere(dir);
    if (run) state.setRun(await runState(run));
  }

  async function checkHistory(): Promise<void> {
    const update = await history.read();
    if (update.replaces || update.rows.length > 0) onEvent({ event: "history", data: update });
  }

  async function checkSnapshots(): Promise<void> {
    if (options.slices && run) await slicer.start(run);
  }

  async function check(): Promise<void> {
    for (const step of [
      checkRun,
      checkHistory,
      () => checkLandscapes(dir, state),
      checkSnapshots,
    ]) {
      try {
        await step();
      } catch (error) {
        // A file may have been replaced while it was read: the next check sees it complete.
        state.setProblem(messageOf(error));
      }
    }
  }

  async function checkUntilAborted(): Promise<void> {
    while (!signal.aborted) {
      await check();
      await wait(interval, undefined, { signal }).catch(() => undefined);
    }
    await slicer.ended();
  }

  return {
    events() {
      const [head, ...others] = state.events();
      const rows = [...history.rows];
      return [head!, { event: "history", data: { replaces: true, rows } }, ...others];
    },
    ended: checkUntilAborted(),
    check,
  };
}

function waitingState(dir: string): RunState {
  return {
    status: "waiting",
    title: path.basename(dir),
    folder: dir,
    loss: lossName(texts, false),
    epochs: 0,
    rows: 0,
  };
}

async function runState(run: Run): Promise<RunState> {
  const { record } = run;
  return {
    status: record.status,
    title: await titleOfRun(texts, run),
    folder: run.dir,
    loss: lossName(texts, hasStandardizedTarget(record)),
    epochs: record.options.epochs,
    rows: record.options.epochs * record.dataset.rows,
  };
}

async function checkLandscapes(dir: string, state: WatchState): Promise<void> {
  for (const name of (await landscapeNames(dir)).slice(-mostLandscapes)) {
    if (state.hasFigure(`landscape ${name}`)) continue;
    const figure = await landscapeFigure(dir, name);
    if (figure) state.setFigure(`landscape ${name}`, figure);
  }
}

interface Slicer {
  /** Starts to compute the slices of the newest snapshot, unless it is known or others are computed. */
  start(run: Run): Promise<void>;
  /** Resolves when nothing is computed any more. */
  ended(): Promise<void>;
}

/** Computes slices in the background, one snapshot at a time, so that they hardly slow the training. */
function createSlicer(state: WatchState, signal: AbortSignal): Slicer {
  let running: Promise<void> | undefined;
  let newestStep = -1;
  return {
    async start(run) {
      if (running) return;
      const snapshot = await newestSnapshot(run);
      if (snapshot === undefined || snapshot.step <= newestStep) return;
      newestStep = snapshot.step;
      running = sliceAround(run, snapshot, signal)
        .then((figure) => state.setFigure("slices", figure))
        .catch((error: unknown) => {
          // A checkpoint may be removed before it is read; the next one follows.
          if (!signal.aborted && !isMissing(error))
            state.setProblem(
              `The slices of step ${snapshot.step} could not be computed: ${messageOf(error)}`,
            );
        })
        .finally(() => {
          running = undefined;
        });
    },
    ended: async () => running,
  };
}

async function openIfThere(dir: string): Promise<Run | undefined> {
  try {
    return await openRun(dir);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (systemCode(at) === "ENOENT") return true;
  }
  return false;
}
