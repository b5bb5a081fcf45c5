import type { OnProgress } from "../common/progress.js";
import type { Dataset } from "../stream/index.js";
import type { DenseNetwork } from "../train/index.js";

/** `random`: centre ± scale·N(0,1) of every weight. `random-points`: from one random point scale·N(0,1) to another, α = 0 … 1. */
export type Along = "random" | "random-points";

export interface LandscapeOptions {
  /** The dataset, or its folder; default: where the run says it was, if the fingerprint still matches. */
  dataset?: Dataset | string;
  /** Default `random`. */
  along?: Along;
  /** Points of the line. Default 101. */
  points?: number;
  /** α goes from −scale to scale (random); the standard deviation of both points (random-points). Default 1. */
  scale?: number;
  /** Whether the line's last point is visited. Default true; false gives start + i·(end − start)/points, i = 0 … points−1. */
  endpoint?: boolean;
  /** The first so many batches, all, or these batches. Default 5, or all where there are fewer. */
  batches?: number | "all" | readonly number[];
  /** Default: the run's. */
  batchSize?: number;
  /** Seed of the direction. Default 42. */
  seed?: number;
  /** Default: RUN/landscapes/NAME, where NAME tells along, scale and seed. */
  out?: string;
  /** Worker threads at the most; they take part where there is much to do. Default: the cores. */
  workers?: number;
  /** Replace an existing landscape. */
  force?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** landscape.json. */
export interface LandscapeRecord {
  formatVersion: 1;
  /** The run's folder, as a hint. */
  run: string;
  dataset: { path: string; fingerprint: string };
  kind: "line" | "plane";
  along: Along;
  normalize: "none" | "filter";
  seed: number;
  scale: number;
  alphas: number[];
  batchSize: number;
  /** The numbers of the batches that were evaluated. */
  batches: number[];
  /** Folders of the directions, within the landscape's. */
  directions: string[];
  /** The same settings as a command line. */
  command: string;
  /** How the losses were computed: `linear-sums`, `batched-forward`, … */
  method: string;
  /** Rows of the batches that were evaluated. */
  rows: number;
  /** Wall-clock time of the pass over the data. */
  seconds: number;
  /** Losses of one row at one point, a second of that time. */
  rowPointsPerSecond: number;
}

/** The losses of one batch along the line; `losses[i]` belongs to `alphas[i]`. */
export interface SliceCurve {
  batch: number;
  losses: Float64Array;
}

/** What the batches' losses are like at one point of the line. */
export interface SliceSummaryRow {
  slice: number;
  alpha: number;
  mean: number;
  /** Sample variance over batches; 0 for a single batch. */
  variance: number;
  min: number;
  max: number;
  q05: number;
  q25: number;
  q50: number;
  q75: number;
  q95: number;
  batches: number;
}

/** A computed landscape in its folder. */
export interface Landscape {
  /** The folder, absolute. */
  readonly dir: string;
  readonly record: LandscapeRecord;
  /** One curve a batch, in the order of `record.batches`. */
  curves(): Promise<SliceCurve[]>;
  summary(): Promise<SliceSummaryRow[]>;
  centre(): Promise<DenseNetwork>;
  /** Direction 1 of a line. */
  direction(): Promise<DenseNetwork>;
}
