/**
 * Certificates: where the loss of a ReLU network along a line is convex, from its exact pieces, with bounds
 * of all rounding.
 *
 * @module
 */
