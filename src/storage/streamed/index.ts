/**
 * Datasets written from rows that come one after the other: of a query, or of a program.
 * Uses format, duckdb, reading, output and dataset.
 *
 * @module
 */
