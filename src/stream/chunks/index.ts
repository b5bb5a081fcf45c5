/**
 * What worker threads do for the loader: read row ranges, permute rows, scatter them into buckets.
 * Uses storage's narrow door; knows no loader.
 *
 * @module
 */
