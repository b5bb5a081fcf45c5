import { usageError } from "../common/errors.js";
import { choice, count, number } from "../common/options/kinds.js";
import {
  fillOptions,
  required,
  withDefault,
  type FilledOptions,
  type GivenOptions,
} from "../common/options/options.js";

/** The kinds of synthetic dataset. */
export const DATASET_KINDS = ["lsm", "two-layer-sigmoid"] as const;

/** A kind of synthetic dataset: linear, or non-convex. */
export type DatasetKind = (typeof DATASET_KINDS)[number];

/** The options that decide what the rows of a synthetic dataset are, whatever files hold them. */
export const rowOptions = {
  kind: required(
    choice(DATASET_KINDS),
    "lsm (linear: y = Xw + noise) or two-layer-sigmoid (non-convex)",
  ),
  /** D, the number of features. At most 1000 for `two-layer-sigmoid`. */
  features: withDefault(count(1, 1_000_000), 10, "Features per row, D"),
  /** Standard deviation of every noise draw. */
  noise: withDefault(number({ least: 0 }), 0.1, "Standard deviation of the noise"),
  /** 0 … 2⁵³−1. */
  seed: withDefault(count(), 42, "Seed; the same seed gives the same bytes"),
};

/** What the rows of a synthetic dataset are. */
export type RowSpec = FilledOptions<typeof rowOptions>;

/** The true weights of two-layer-sigmoid data grow with D²; more of them would not fit a manifest. */
const TWO_LAYER_SIGMOID_FEATURES = 1000;

/**
 * Checks what the rows of a dataset are, and fills in the defaults.
 *
 * @throws a usage error that names the option
 */
export function checkRowSpec(given: GivenOptions<typeof rowOptions>): RowSpec {
  const spec = fillOptions(rowOptions, given);
  if (spec.kind === "two-layer-sigmoid" && spec.features > TWO_LAYER_SIGMOID_FEATURES) {
    throw usageError(
      (option) =>
        `${option("features")} must be at most ${TWO_LAYER_SIGMOID_FEATURES} for ${spec.kind}, not ${spec.features}.`,
    );
  }
  return spec;
}
