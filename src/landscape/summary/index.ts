/**
 * Mean, variance, extremes and quantiles of the batches' losses at each point.
 * Uses points.
 *
 * @module
 */
