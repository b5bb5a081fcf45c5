import { usageError } from "../common/errors.js";

/** The kinds of synthetic dataset. */
export const DATASET_KINDS: readonly ["lsm", "two-layer-sigmoid"] = ["lsm", "two-layer-sigmoid"];

export type DatasetKind = (typeof DATASET_KINDS)[number];

/** What the rows of a synthetic dataset are, whatever files they are written to. */
export interface RowSpec {
  kind: DatasetKind;
  /** D, the number of features. */
  features: number;
  /** Standard deviation of every noise draw. */
  noise: number;
  /** 0 … 2⁵³−1. */
  seed: number;
}

/** The true weights of the two-layer-sigmoid data grow with D²; past this they would no longer fit a manifest. */
const TWO_LAYER_SIGMOID_FEATURES = 1000;
const FEATURES = 1_000_000;

/** Throws a usage error unless the spec can be generated. */
export function checkRowSpec(spec: RowSpec): void {
  if (!DATASET_KINDS.includes(spec.kind)) {
    throw usageError(
      `Unknown dataset kind '${String(spec.kind)}': choose ${DATASET_KINDS.join(" or ")}.`,
    );
  }
  const features = spec.kind === "lsm" ? FEATURES : TWO_LAYER_SIGMOID_FEATURES;
  if (!Number.isInteger(spec.features) || spec.features < 1 || spec.features > features) {
    throw usageError(
      `--features must be a whole number from 1 to ${features} for ${spec.kind}, not ${spec.features}.`,
    );
  }
  if (!(Number.isFinite(spec.noise) && spec.noise >= 0)) {
    throw usageError(`--noise must be a finite number of at least 0, not ${spec.noise}.`);
  }
  if (!Number.isSafeInteger(spec.seed) || spec.seed < 0) {
    throw usageError(`--seed must be a whole number from 0 to 2^53 - 1, not ${spec.seed}.`);
  }
}
