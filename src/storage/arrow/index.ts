/**
 * Arrow files: a writer of vadi's shards and one reader for all files.
 * Uses format.
 *
 * @module
 */
