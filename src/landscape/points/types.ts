import type { OnProgress } from "../../common/progress.js";
import type { Dataset } from "../../stream/index.js";
import type { DenseNetwork, Network } from "../../model/index.js";

/**
 * Where a landscape's first direction leads. `random`: N(0,1) in every weight. `random-points`: from
 * one random point scale·N(0,1) to another. `gradient`: the gradient of the loss over the selected
 * batches. `path`: the leading principal component of the run's snapshots. `model:PATH`: to another
 * model of the same layers, in a run's folder or beside a `model.json`.
 */
export type Along = "random" | "random-points" | "gradient" | "path" | `model:${string}`;

export interface LandscapeOptions {
  /** The dataset, or its folder; default: where the run says it was, if the fingerprint still matches. */
  dataset?: Dataset | string;
  /** Default `random`. */
  along?: Along;
  /** Two directions instead of one; the second is random, or along `path` its second principal component. Default false. */
  plane?: boolean;
  /** `filter`: each unit's incoming weights in a direction get the norm that they have in the centre (Li et al. 2018). Default `none`. */
  normalize?: "none" | "filter";
  /** Points of the line, or along both directions of a plane; a single number stands for both. Default 101. */
  points?: number | readonly [number, number];
  /** α and β go from −scale to scale; the standard deviation of both points (random-points); how far beyond both models (model). Default 1. */
  scale?: number;
  /** Whether the last points are visited. Default true; false gives start + i·(end − start)/points, i = 0 … points−1. */
  endpoint?: boolean;
  /** The first so many batches, all, or these batches. Default 5, or all where there are fewer. */
  batches?: number | "all" | readonly number[];
  /** Default: the run's. */
  batchSize?: number;
  /** Seed of the random directions. Default 42. */
  seed?: number;
  /**
   * Whether every batch's curve is kept (`all`, slices.parquet) or only what the batches come to at
   * each point (`summary`). Default `all`, up to five million losses.
   */
  keep?: "all" | "summary";
  /** Default: RUN/landscapes/NAME, where NAME tells along, scale and seed. */
  out?: string;
  /** Worker threads at the most; they take part where there is much to do. Default: the cores. */
  workers?: number;
  /** Go on with a landscape that was interrupted. */
  resume?: boolean;
  /** Replace an existing landscape, or start an interrupted one again. */
  force?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

export interface MergeOptions {
  /** The whole landscape's folder. */
  out: string;
  /** As of a landscape. */
  keep?: "all" | "summary";
  /** Replace an existing landscape. */
  force?: boolean;
  signal?: AbortSignal;
}

/** The snapshots of a training's path in the coordinates of a landscape's directions. */
export interface LandscapePath {
  /** The optimisation steps of the snapshots. */
  steps: number[];
  /** Where each lies along direction 1. */
  alphas: number[];
  /** Where each lies along direction 2 of a plane. */
  betas?: number[];
  /** What each direction explains of the path: its part of Σ‖snapshot − centre‖². */
  explained: number[];
  /** How far each snapshot lies from the line or the plane, as a Euclidean distance in weight space. */
  distances: number[];
}

/** landscape.json. */
export interface LandscapeRecord {
  formatVersion: 1;
  /** The run's folder, as a hint. */
  run: string;
  dataset: { path: string; fingerprint: string };
  /** Whether the losses are those of the target as the run standardised it. */
  standardized: boolean;
  kind: "line" | "plane";
  along: "random" | "random-points" | "gradient" | "path" | "model";
  /** Along `model`: where the other model was. */
  model?: string;
  normalize: "none" | "filter";
  seed: number;
  scale: number;
  alphas: number[];
  /** Of a plane. */
  betas?: number[];
  batchSize: number;
  /** The numbers of the batches that were evaluated. */
  batches: number[];
  /** Whether slices.parquet holds every batch's curves, or only the summary was kept. */
  keep: "all" | "summary";
  /** Folders of the directions, within the landscape's. */
  directions: string[];
  /** The Euclidean length of each direction in weight space: what 1 on its axis means. */
  directionNorms: number[];
  /** Along `path`. */
  path?: LandscapePath;
  /** The same settings as a command line. */
  command: string;
  /** How the losses were computed: `linear-sums`, `relu-pieces`, `batched-forward`. */
  method: string;
  /** Which instructions the method's kernel used: `relaxed` fuses multiplications with additions; `none` where it has no kernel. */
  simd: "relaxed" | "fixed" | "mixed" | "none";
  /** Rows of the batches that were evaluated. */
  rows: number;
  /** Wall-clock time of the pass over the data; of a landscape that was resumed, of the last pass. */
  seconds: number;
  /** Losses of one row at one point, a second of that time. */
  rowPointsPerSecond: number;
}

/** The losses of one batch along a line; `losses[i]` belongs to `alphas[i]`. */
export interface SliceCurve {
  /** The number of its line: 0, or of a plane the place of its β in `betas`. */
  slice: number;
  batch: number;
  losses: Float64Array;
}

/** What the batches' losses are like at one point. */
export interface SliceSummaryRow {
  /** As of a curve. */
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

/** The mean loss over a plane: `loss[j·α + i]` belongs to `alphas[i]` and `betas[j]`. */
export interface Surface {
  alphas: readonly number[];
  betas: readonly number[];
  loss: Float64Array;
  /** Sample variance over batches. */
  variance: Float64Array;
}

/** A computed landscape in its folder. */
export interface Landscape {
  /** The folder, absolute. */
  readonly dir: string;
  readonly record: LandscapeRecord;
  /** A line: one curve a batch, in the order of `record.batches`; a plane: of each batch one a β. Fails where they were not kept. */
  curves(): Promise<SliceCurve[]>;
  /** One row a point, slice by slice. */
  summary(): Promise<SliceSummaryRow[]>;
  /** Of a plane; fails for a line. */
  surface(): Promise<Surface>;
  /** The centre and the directions, one or two. */
  axes(): Promise<{ centre: Network; directions: Network[] }>;
  /** The centre as dense layers; fails, as what follows, where the model has others. */
  centre(): Promise<DenseNetwork>;
  /** Direction 1. */
  direction(): Promise<DenseNetwork>;
  /** Direction 1, and of a plane direction 2. */
  directions(): Promise<DenseNetwork[]>;
}
