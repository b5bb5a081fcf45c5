/**
 * The grid of points, the choice of batches, and the options resolved for a landscape.
 * Uses nothing else of landscape.
 *
 * @module
 */
