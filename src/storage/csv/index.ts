/**
 * CSV files: a scan that divides them into pieces, and a reader of the pieces. Parsing is
 * csv-parse's.
 * Uses format.
 *
 * @module
 */
