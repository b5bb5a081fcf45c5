/**
 * Merging landscapes of different batches into one.
 * Uses store and summary.
 *
 * @module
 */
