/**
 * How losses are computed at all points: linear sums, ReLU segments, batched forward passes.
 * Uses exact and points; `choose-method.ts` chooses.
 *
 * @module
 */
