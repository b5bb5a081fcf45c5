/**
 * The experiments of the notebook, by name; each file reads as claim, defaults, run and results.
 * Uses the context, bounds and convexity.
 *
 * @module
 */
