/**
 * A report in each format: HTML, JSON, CSV, Parquet, PNG and SVG.
 * Uses page and figures.
 *
 * @module
 */
