/**
 * What a training or a landscape came to, in a sentence without a full stop, computed from its numbers.
 * Uses the grids of planes.
 *
 * @module
 */
