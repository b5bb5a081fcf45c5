import type { HistoryRow } from "../../train/index.js";
import type { DrawnFigure } from "../figures/chart.js";
import type { PackedArray } from "../figures/packing.js";

/** What a page is told of. */
export type WatchEvent =
  | { event: "run"; data: RunNews }
  | { event: "history"; data: { isAnew: boolean; rows: HistoryRow[] } }
  | { event: "figure"; data: FigureNews }
  | { event: "problem"; data: { message: string } };

/** How a run stands. */
export interface RunNews {
  status: "waiting" | "running" | "done" | "stopped" | "diverged";
  title: string;
  folder: string;
  /** What its losses are. */
  loss: string;
  epochs: number;
  /** Rows that will have passed in the end. */
  rows: number;
}

/** A figure to show in a place of its own; an earlier one of the same name is replaced. */
export interface FigureNews {
  name: string;
  title: string;
  caption: string;
  notes: string[];
  description: string;
  figure: DrawnFigure;
  numbers: readonly PackedArray[];
}
