/**
 * The numbers of the synthetic datasets: which row holds what. Pure functions of a spec; no files.
 *
 * @module
 */
export { DATASET_KINDS } from "./options.js";
export type { DatasetKind, RowSpec } from "./options.js";
export { checkRowSpec } from "./spec.js";
export { createRowMaker, trueWeights } from "./rows.js";
export type { RowMaker, Truth } from "./rows.js";
export { fillRandomWords, randomNormals, randomWords, STREAMS } from "./random.js";
