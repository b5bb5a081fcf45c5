/**
 * What a table of another program has, column by column, and what `convert` would make of it.
 * Uses external and prepare.
 *
 * @module
 */
