/**
 * Random numbers, and the rows of synthetic datasets as pure functions of a spec. No files.
 *
 * @module
 */
export type { DatasetKind, RowSpec } from "./options.js";
export { createRowMaker, trueWeights } from "./rows.js";
export type { RowMaker, Truth } from "./rows.js";
export { fillRandomWords, randomNormals, randomWords, STREAMS } from "./random.js";
