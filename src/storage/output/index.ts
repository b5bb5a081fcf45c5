/**
 * The folder that a dataset is written to: what it may hold, its journal, and resuming from it.
 * Uses format and files.
 *
 * @module
 */
