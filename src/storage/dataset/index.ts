/**
 * Datasets: the specification, the threads that write shards, the manifest, and opening what was
 * written.
 * Uses output and reading.
 *
 * @module
 */
