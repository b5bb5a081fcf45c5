/**
 * Datasets for other libraries: rows as objects, Arrow record batches, and what TensorFlow.js trains on.
 * Uses types alone; what reads is handed over.
 *
 * @module
 */
export { arrowBatches } from "./arrow-batches.js";
export { recordsOf } from "./records.js";
export { tfDataOf } from "./tf-data.js";
