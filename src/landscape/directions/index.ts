/**
 * Where a line or plane leads: random, gradient, the path of the training, another model.
 * Uses exact and points.
 *
 * @module
 */
