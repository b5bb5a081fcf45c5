/**
 * The eigenvalues at both ends of the spectrum of each batch's Hessian.
 * Uses eigen and products.
 *
 * @module
 */
