/**
 * Means, standard deviations and covariances of columns in one pass, and standardisation by them.
 * Uses the loader's types.
 *
 * @module
 */
