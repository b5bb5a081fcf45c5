import { languageOf } from "../../language/index.js";
import { prepareFigure } from "../figures/prepare.js";
import type { LineFigure } from "../figures/figure.js";
import { fittingShare } from "../figures/fit.js";
import { createNumberPool } from "../figures/packing.js";
import type { FigureUpdate, RunState, WatchEvent } from "./events.js";

/** The most characters of packed numbers that are sent for a figure. */
const mostCharacters = 2_000_000;

/** What is known of a run. Each change is sent to the open pages; a new page receives all of it. */
export interface WatchState {
  setRun(run: RunState): void;
  setProblem(message: string): void;
  setFigure(name: string, figure: LineFigure): void;
  hasFigure(name: string): boolean;
  /** The events that bring a new page up to date, but for the history. */
  events(): WatchEvent[];
}

export function createWatchState(initial: RunState, send: (event: WatchEvent) => void): WatchState {
  let run = initial;
  let problem: string | undefined;
  const figures = new Map<string, FigureUpdate>();
  return {
    setRun(next) {
      if (JSON.stringify(next) === JSON.stringify(run)) return;
      run = next;
      send({ event: "run", data: run });
    },
    setProblem(message) {
      if (message === problem) return;
      problem = message;
      send({ event: "problem", data: { message } });
    },
    setFigure(name, figure) {
      const update = figureUpdate(name, figure);
      figures.set(name, update);
      send({ event: "figure", data: update });
    },
    hasFigure: (name) => figures.has(name),
    events() {
      const known: WatchEvent[] = [{ event: "run", data: run }];
      for (const data of figures.values()) known.push({ event: "figure", data });
      if (problem !== undefined) known.push({ event: "problem", data: { message: problem } });
      return known;
    },
  };
}

function figureUpdate(name: string, figure: LineFigure): FigureUpdate {
  const pool = createNumberPool();
  const share = fittingShare([figure], mostCharacters);
  // The page has no readout of slices: values are told under the pointer.
  const { probe: _probe, ...plain } = figure;
  const { drawn, notes, description } = prepareFigure(languageOf("en"), plain, pool, share);
  const { title, caption } = figure;
  return { name, title, caption, notes, description, figure: drawn, numbers: pool.arrays };
}
