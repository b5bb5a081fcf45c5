import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf, systemCode } from "../../common/errors.js";
import { openRun, type Run } from "../../train/index.js";
import { prepareFigure } from "../figures/chart.js";
import type { LineFigure } from "../figures/figure.js";
import { fittingShare } from "../figures/fit.js";
import { createNumberPool } from "../figures/packing.js";
import { hasStandardizedTarget, lossName } from "../figures/loss-names.js";
import { titleOfRun } from "../sections/run.js";
import type { FigureNews, RunNews, WatchEvent } from "./news.js";
import { followJournal } from "./journal.js";
import { landscapeFigure, landscapeNames, newestSnapshot, sliceAround } from "./live-slices.js";

/** Characters of a figure's numbers that are sent at the most. */
const mostCharacters = 2_000_000;
/** Landscapes that a page shows at the most: the newest by name. */
const mostLandscapes = 4;

export interface FollowOptions {
  /** Milliseconds between two looks at the folder. */
  interval: number;
  /** Whether slices through checkpoints are computed. */
  slices: boolean;
  signal: AbortSignal;
  /** Told of everything new, in order. */
  onEvent(event: WatchEvent): void;
}

/** Tells a run's folder's news. */
export interface Follower {
  /** What a page that has just come needs to be told to know all. */
  now(): WatchEvent[];
  /** Ends once the signal is aborted. */
  readonly ended: Promise<void>;
  /** Looks once more, now. */
  look(): Promise<void>;
}

/** Follows a run's folder, which need not be there yet. */
export function followRun(dir: string, options: FollowOptions): Follower {
  const { signal, onEvent } = options;
  const journal = followJournal(path.join(dir, "history.jsonl"));
  const figures = new Map<string, FigureNews>();
  let run: RunNews = {
    status: "waiting",
    title: path.basename(dir),
    folder: dir,
    loss: lossName(false),
    epochs: 0,
    rows: 0,
  };
  let problem: string | undefined;
  let opened: Run | undefined;
  let slicing: Promise<void> | undefined;
  let slicedStep = -1;

  const say = (message: string): void => {
    if (message === problem) return;
    problem = message;
    onEvent({ event: "problem", data: { message } });
  };
  const show = (name: string, figure: LineFigure): void => {
    const news = figureNews(name, figure);
    figures.set(name, news);
    onEvent({ event: "figure", data: news });
  };

  async function lookAtRun(): Promise<void> {
    try {
      opened = await openRun(dir);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    const { record } = opened;
    const news: RunNews = {
      status: record.status,
      title: await titleOfRun(opened),
      folder: dir,
      loss: lossName(hasStandardizedTarget(record)),
      epochs: record.options.epochs,
      rows: record.options.epochs * record.dataset.rows,
    };
    if (JSON.stringify(news) === JSON.stringify(run)) return;
    run = news;
    onEvent({ event: "run", data: news });
  }

  async function lookAtHistory(): Promise<void> {
    const news = await journal.read();
    if (news.isAnew || news.rows.length > 0) onEvent({ event: "history", data: news });
  }

  async function lookAtLandscapes(): Promise<void> {
    for (const name of (await landscapeNames(dir)).slice(-mostLandscapes)) {
      if (figures.has(`landscape ${name}`)) continue;
      const figure = await landscapeFigure(dir, name);
      if (figure) show(`landscape ${name}`, figure);
    }
  }

  /** One at a time, and of the newest weights alone: a training must not wait for its watcher. */
  async function lookAtSnapshots(): Promise<void> {
    if (!options.slices || opened === undefined || slicing) return;
    const snapshot = await newestSnapshot(opened);
    if (snapshot === undefined || snapshot.step <= slicedStep) return;
    slicedStep = snapshot.step;
    slicing = sliceAround(opened, snapshot, signal)
      .then((figure) => show("slices", figure))
      .catch((error: unknown) => {
        // A checkpoint may be gone by the time it is read; the next one comes.
        if (!signal.aborted && !isMissing(error))
          say(`The slices of step ${snapshot.step} could not be computed: ${messageOf(error)}`);
      })
      .finally(() => {
        slicing = undefined;
      });
  }

  async function look(): Promise<void> {
    for (const part of [lookAtRun, lookAtHistory, lookAtLandscapes, lookAtSnapshots]) {
      try {
        await part();
      } catch (error) {
        // A file may be replaced under our eyes: the next look sees it whole.
        say(messageOf(error));
      }
    }
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      await look();
      try {
        await wait(options.interval, undefined, { signal });
      } catch {
        break;
      }
    }
    await slicing;
  }

  return {
    now: () => [
      { event: "run", data: run },
      { event: "history", data: { isAnew: true, rows: [...journal.rows] } },
      ...[...figures.values()].map((data): WatchEvent => ({ event: "figure", data })),
      ...(problem === undefined
        ? []
        : [{ event: "problem", data: { message: problem } } satisfies WatchEvent]),
    ],
    ended: follow(),
    look,
  };
}

function isMissing(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (systemCode(at) === "ENOENT") return true;
  }
  return false;
}

function figureNews(name: string, figure: LineFigure): FigureNews {
  const pool = createNumberPool();
  const share = fittingShare([figure], mostCharacters);
  const { drawn, notes, description } = prepareFigure(figure, pool, share);
  const { title, caption } = figure;
  return { name, title, caption, notes, description, figure: drawn, numbers: pool.arrays };
}
