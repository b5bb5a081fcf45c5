import { usageError } from "../common/errors.js";
import { fillOptions, type GivenOptions } from "../common/options/options.js";
import { rowOptions, type RowSpec } from "./options.js";

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
