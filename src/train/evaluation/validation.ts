import { throwIfAborted } from "../../common/errors.js";
import type { Dataset } from "../../stream/index.js";
import type { ValidationState } from "../run/checkpoint.js";
import { evaluationRows } from "./evaluation-rows.js";
import { createPredictor } from "../../model/index.js";
import type { TrainingSettings } from "../resolve-options.js";
import { measurePredictions } from "./loss-and-r-squared.js";
import type { Network } from "../../model/index.js";
import type { ValidationResult } from "../types.js";

/** Measures the loss on the validation rows, and ends training when it no longer falls. */
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
  const { losses } = state;
  const bestEpoch = (): number =>
    losses.indexOf(losses.reduce((least, loss) => Math.min(least, loss), Infinity)) + 1;
  function isOver(): boolean {
    return patience !== null && losses.length > 0 && losses.length - bestEpoch() >= patience;
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
        const { loss } = await measurePredictions(predictor, validated);
        throwIfAborted(signal);
        // A loss that is not finite is no improvement, and JSON cannot hold it.
        losses.push(Number.isFinite(loss) ? loss : Number.MAX_VALUE);
        if (patience !== null && bestEpoch() === losses.length) {
          state.best = parameters.map((values) => values.slice());
        }
      } finally {
        predictor.dispose();
      }
      return !isOver();
    },
    result() {
      if (losses.length === 0) return undefined;
      const epoch = bestEpoch();
      return {
        losses: [...losses],
        loss: losses[epoch - 1]!,
        epoch,
        rows: rows.rows,
        stoppedEarly: isOver() && losses.length < epochs,
      };
    },
  };
}
