/**
 * The rows that a program hands over, one after the other, as a dataset: objects, batches, Arrow record batches.
 * Uses format, output, dataset and streamed.
 *
 * @module
 */
