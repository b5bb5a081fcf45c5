/**
 * The largest eigenvalue of the Hessian over a training, beside the largest with which the optimiser's steps are
 * stable.
 * Uses eigen and products.
 *
 * @module
 */
