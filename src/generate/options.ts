import { choice, count, number } from "../common/options/kinds.js";
import { required, withDefault, type FilledOptions } from "../common/options/options.js";

/** The kinds of synthetic dataset. */
export const DATASET_KINDS = ["lsm", "two-layer-sigmoid"] as const;

export type DatasetKind = (typeof DATASET_KINDS)[number];

/** The options that decide what the rows of a synthetic dataset are, whatever files hold them. */
export const rowOptions = {
  kind: required(
    choice(DATASET_KINDS),
    "lsm (linear: y = Xw + noise) or two-layer-sigmoid (non-convex)",
  ),
  /** D, the number of features. At most 1000 for `two-layer-sigmoid`. */
  features: withDefault(count(1, 1_000_000), 10, "Features a row, D"),
  /** Standard deviation of every noise draw. */
  noise: withDefault(number({ least: 0 }), 0.1, "Standard deviation of the noise"),
  /** 0 … 2⁵³−1. */
  seed: withDefault(count(), 42, "Seed; the same seed gives the same bytes"),
};

/** What the rows of a synthetic dataset are. */
export type RowSpec = FilledOptions<typeof rowOptions>;
