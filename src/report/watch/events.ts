import type { HistoryRow } from "../../train/index.js";
import type { DrawnFigure } from "../figures/drawn.js";
import type { PackedArray } from "../figures/packing.js";

/** A server-sent event to the watch page. */
export type WatchEvent =
  | { event: "run"; data: RunState }
  | { event: "history"; data: HistoryUpdate }
  | { event: "figure"; data: FigureUpdate }
  | { event: "problem"; data: { message: string } };

/** The head of the page. */
export interface RunState {
  status: "waiting" | "running" | "done" | "stopped" | "diverged";
  title: string;
  folder: string;
  /** The name of its losses, such as `mean squared error`. */
  loss: string;
  epochs: number;
  /** Rows of all epochs. */
  rows: number;
}

/** Rows to append to the history, or to replace it with. */
export interface HistoryUpdate {
  replaces: boolean;
  rows: HistoryRow[];
}

/** A figure to show. It replaces an earlier one of the same name. */
export interface FigureUpdate {
  name: string;
  title: string;
  caption: string;
  notes: string[];
  description: string;
  figure: DrawnFigure;
  numbers: readonly PackedArray[];
}
