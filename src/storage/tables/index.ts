/**
 * Small Parquet tables of results, written and read as columns. parquetjs-lite is used in
 * encode-rows.ts only.
 * Uses format.
 *
 * @module
 */
