/**
 * The numbers of the synthetic datasets: which row holds what. Pure functions of a spec; no files.
 *
 * @module
 */
export { checkRowSpec, DATASET_KINDS } from "./spec.js";
export type { DatasetKind, RowSpec } from "./spec.js";
export { createRowMaker, trueWeights } from "./rows.js";
export type { RowMaker, Truth } from "./rows.js";
export { fillRandomWords, randomNormals, randomWords, STREAMS } from "./random.js";
