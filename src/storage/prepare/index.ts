/**
 * From a table of any columns to numbers: which columns become features, what is learned from their values,
 * and the query that says it all.
 * Uses format and duckdb.
 *
 * @module
 */
