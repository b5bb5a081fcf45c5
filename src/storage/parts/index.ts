/**
 * A dataset made by several machines: specifying, writing, reading and joining its parts.
 * Uses dataset.
 *
 * @module
 */
