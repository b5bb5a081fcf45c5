/**
 * Parquet: a writer of vadi's shards and one reader for all files. Decoding is hyparquet's.
 * Uses format.
 *
 * @module
 */
