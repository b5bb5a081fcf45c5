/**
 * Tables by way of DuckDB: whatever it reads, and SQL over it. One database in memory a job; files are
 * the view `source`, and rows come out as numbers.
 * Uses format.
 *
 * @module
 */
