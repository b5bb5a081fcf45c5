import type { GivenOptions } from "../common/options/options.js";
import type { OnProgress } from "../common/progress.js";
import type { DenseNetwork } from "../model/index.js";
import type { Dataset } from "../stream/index.js";
import type { CertifiedInterval, Verdict } from "./certificate/intervals.js";
import type { LossProfile } from "./certificate/loss-profile.js";
import type { SecondDifference } from "./certificate/second-difference.js";
import type { FallingKink, KinkCounts } from "./certificate/sweep.js";
import type { certifyOptions } from "./options.js";

/** Which line is certified, over which rows, and where the certificate is written. */
export interface CertifyOptions extends Omit<GivenOptions<typeof certifyOptions>, "dataset"> {
  /** The dataset, or its folder; default: where the run says it was, if the fingerprint still matches. */
  dataset?: Dataset | string;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** certificate.json. */
export interface CertificateRecord {
  formatVersion: 1;
  /** The run's folder, as a hint. */
  run: string;
  dataset: { path: string; fingerprint: string };
  /** Whether the loss is that of the target as the run standardised it. */
  standardized: boolean;
  /** As the option says it. */
  along: string;
  /** Along `curvature` and `swap`: what was chosen. */
  parameter?: string;
  normalize: "none" | "filter";
  seed: number;
  scale: number;
  /** The first α and the last. */
  from: number;
  to: number;
  batchSize: number;
  /** The batches whose mean loss it is. */
  batches: number[];
  rows: number;
  /** Whether the mean loss is convex on the line; null where the bound of rounding does not tell. */
  convex: boolean | null;
  /** How many intervals there are, and how long those of each kind are together. */
  intervalCount: number;
  lengths: Record<Verdict, number>;
  /** The interval with the least second derivative. */
  least: CertifiedInterval;
  /** At most 1000, the longest, ascending in α; all are in intervals.parquet. */
  intervals: CertifiedInterval[];
  kinkCounts: KinkCounts;
  /** At most 1000 at which the slope falls, the largest first; all are in kinks.parquet. */
  kinks: FallingKink[];
  /** Over the whole line, in float64, without a bound. */
  secondDifference: SecondDifference;
  /** The same settings as a command line. */
  command: string;
  /** Wall-clock time; of a certificate that was resumed, of the last part. */
  seconds: number;
}

/** A certificate in its folder. */
export interface Certificate {
  /** The folder, absolute. */
  readonly dir: string;
  readonly record: CertificateRecord;
  /** All intervals, ascending. */
  intervals(): Promise<CertifiedInterval[]>;
  /** All kinks at which the slope falls, ascending in α. */
  kinks(): Promise<FallingKink[]>;
  /** The mean loss and its derivatives at 1001 points, in float64, for figures. */
  profile(): Promise<LossProfile>;
  /** The network at α = 0. */
  centre(): Promise<DenseNetwork>;
  /** What a step of α = 1 adds to each weight. */
  direction(): Promise<DenseNetwork>;
}
