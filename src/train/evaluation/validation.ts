import { throwIfAborted } from "../../common/errors.js";
import type { Dataset } from "../../stream/index.js";
import type { ValidationState } from "../run/checkpoint.js";
import { evaluationRows } from "./evaluation-rows.js";
import { createPredictor } from "../../model/index.js";
import type { TrainingSettings } from "../resolve-options.js";
import { measurePredictions } from "./loss-and-r-squared.js";
import type { Network } from "../../model/index.js";
import type { ValidationResult } from "../types.js";

/** Measures loss, R² and mean absolute error on the validation rows, and ends training when it no longer falls. */
export interface Validation {
  /** The part that checkpoints hold. */
  readonly state: ValidationState;
  /**
   * Measures the loss after an epoch.
   *
   * @returns whether training continues
   */
  measure(network: Network, parameters: readonly Float32Array[]): Promise<boolean>;
  /** Whether patience has run out. */
  isOver(): boolean;
  result(): ValidationResult | undefined;
}

/**
 * Early stopping (Prechelt 1998): training ends after `patience` epochs without a smaller loss, and
 * the weights of the smallest one are kept.
 */
export function createValidation(
  rows: Dataset,
  settings: TrainingSettings,
  state: ValidationState,
  signal: AbortSignal | undefined,
): Validation {
  const { patience, batchSize, memory, standardization, epochs } = settings;
  const { measures } = state;
  // A mean absolute error of standardised targets is one of their own units divided by their scale.
  const scale = standardization?.target?.scale ?? 1;
  const bestEpoch = (): number => {
    const losses = measures.map(({ loss }) => loss);
    return losses.indexOf(losses.reduce((least, loss) => Math.min(least, loss), Infinity)) + 1;
  };
  function isOver(): boolean {
    return patience !== null && measures.length > 0 && measures.length - bestEpoch() >= patience;
  }
  return {
    state,
    isOver,
    async measure(network, parameters) {
      const predictor = await createPredictor(network);
      try {
        const validated = evaluationRows(rows, {
          batchSize,
          memory,
          ...(standardization === null ? {} : { standardize: standardization }),
          ...(signal === undefined ? {} : { signal }),
        });
        const found = await measurePredictions(predictor, validated);
        throwIfAborted(signal);
        const { loss, rSquared, meanAbsoluteError: error } = found;
        const isFinite = Number.isFinite(loss);
        measures.push({
          // A loss that is not finite is no improvement, and JSON cannot hold it.
          loss: isFinite ? loss : Number.MAX_VALUE,
          rSquared: isFinite ? rSquared : null,
          meanAbsoluteError: isFinite ? error * scale : null,
        });
        if (patience !== null && bestEpoch() === measures.length) {
          state.best = parameters.map((values) => values.slice());
        }
      } finally {
        predictor.dispose();
      }
      return !isOver();
    },
    result() {
      if (measures.length === 0) return undefined;
      const epoch = bestEpoch();
      return {
        losses: measures.map(({ loss }) => loss),
        ...measures[epoch - 1]!,
        measures: [...measures],
        epoch,
        rows: rows.rows,
        stoppedEarly: isOver() && measures.length < epochs,
      };
    },
  };
}
