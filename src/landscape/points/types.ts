import type { GivenOptions } from "../../common/options/options.js";
import type { Bounded } from "../../common/rounding.js";
import type { OnProgress } from "../../common/progress.js";
import type { Dataset } from "../../stream/index.js";
import type { Along, landscapeOptions, mergeOptions } from "../options.js";
import type { DenseNetwork, Network } from "../../model/index.js";

export type { Along };

/** Where losses are computed, of which batches, and where they are written. */
export interface LandscapeOptions extends Omit<GivenOptions<typeof landscapeOptions>, "dataset"> {
  /** The dataset, or its folder; default: where the run says it was, if the fingerprint still matches. */
  dataset?: Dataset | string;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** How landscapes are merged. */
export interface MergeOptions extends GivenOptions<typeof mergeOptions> {
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
  along:
    | "random"
    | "random-points"
    | "gradient"
    | "path"
    | "model"
    | "curvature"
    | "swap"
    | "rescale";
  /** Along `model`: where the other model was. */
  model?: string;
  /** Along `curvature`: `K` or `K@NAME`; along `swap`: `LAYER:I:J`, the units that were exchanged. */
  parameter?: string;
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
  /** Where the other model's units were reordered: for each hidden layer, the index of the unit that is now in each position. */
  alignment?: number[][];
  /** Along `model`, `swap` and `rescale`: the barrier of the mean loss on the line, to the reordered model where there is one. */
  barrier?: Barrier;
  /** And on the line to the model as it is, slice 1, where its units were reordered. */
  unaligned?: Barrier;
  /** Along `rescale`, of a plane: what is proven of it. */
  symmetry?: ScaleSymmetry;
  /** The same settings as a command line. */
  command: string;
  /** How the losses were computed: `linear-sums`, `scale-sums`, `relu-segments` or `batched-forward`. */
  method: string;
  /** Which instructions the method's kernel used: `relaxed` fuses multiplications with additions; `none` where it has no kernel. */
  simd: "relaxed" | "fixed" | "mixed" | "none";
  /** Rows of the batches that were evaluated. */
  rows: number;
  /** Wall-clock time of the pass over the data; of a landscape that was resumed, of the last pass. */
  seconds: number;
  /** Losses of one row at one point, per second of that time. */
  rowPointsPerSecond: number;
}

/**
 * The loss over the factors a and b of two layers, L(a, b) = (ab)²·E[f²] − 2ab·E[fy] + E[y²] for a, b ≥ 0: means over the rows,
 * and what follows from them, each with a bound of its error.
 */
export interface ScaleSymmetry {
  ff: Bounded;
  fy: Bounded;
  yy: Bounded;
  /** ab at all minima, E[fy]/E[f²]; absent where E[f²] may be 0. */
  product?: Bounded;
  /** The loss there. */
  minimum?: Bounded;
  /**
   * How much higher the midpoint of two minima lies, those at (2√c, √c/2) and (√c/2, 2√c), c being the product. Absent
   * where it is not proven that c > 0.
   */
  rise?: Bounded;
}

/** How a line of losses rises between two models, which lie at α = 0 and α = 1. */
export interface Barrier {
  /**
   * max over the line's points of L(α) − (1 − α)·L(0) − α·L(1), at least 0: how far the loss rises above the
   * straight line between both ends.
   */
  height: number;
  /** Where that is. */
  alpha: number;
  /**
   * An estimate of how much higher the loss may rise between two points: an eighth of the largest second difference
   * between the models, which is what a parabola through three points misses at most.
   */
  missed: number;
  /** The losses at α = 0 and 1. */
  start: number;
  end: number;
  /**
   * The most by which the loss climbs on the way from the higher end to the lower one. 0: it only falls, as on
   * the lines of Goodfellow, Vinyals and Saxe (2015).
   */
  rise: number;
}

/** The losses of one batch along a line; `losses[i]` belongs to `alphas[i]`. */
export interface SliceCurve {
  /** The number of its line: 0, or in a plane the index of its β in `betas`; with `alignment`, 1 is the line to the model as it is. */
  slice: number;
  batch: number;
  losses: Float64Array;
}

/** Statistics of the batches' losses at one point. */
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

/** The mean loss over a plane: `loss[j·A + i]` belongs to `alphas[i]` and `betas[j]`, where A is the number of `alphas`. */
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
  /** A line: one curve per batch, in the order of `record.batches`; a plane: one per batch and β. Fails where they were not kept. */
  curves(): Promise<SliceCurve[]>;
  /** One row per point, slice by slice. */
  summary(): Promise<SliceSummaryRow[]>;
  /** Of a plane; fails for a line. */
  surface(): Promise<Surface>;
  /** The centre and the directions, one or two; with `alignment`, also that to the model as it is. */
  axes(): Promise<{ centre: Network; directions: Network[]; unaligned?: Network }>;
  /** The centre as dense layers; fails, as what follows, where the model has others. */
  centre(): Promise<DenseNetwork>;
  /** Direction 1. */
  direction(): Promise<DenseNetwork>;
  /** With `alignment`, the direction to the model as it is, as dense layers. */
  unaligned(): Promise<DenseNetwork>;
  /** Direction 1, and of a plane direction 2. */
  directions(): Promise<DenseNetwork[]>;
}
