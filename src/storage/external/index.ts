/**
 * Tables of other programs: finding files, choosing columns, opening them as a table, converting
 * them to a dataset.
 * Uses reading and dataset.
 *
 * @module
 */
