/**
 * Checking a dataset against its checksums, and repairing it by regenerating shards.
 * Uses dataset.
 *
 * @module
 */
