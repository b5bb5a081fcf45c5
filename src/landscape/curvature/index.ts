/**
 * Eigenvalues of the loss's Hessian: Hessian-vector products and Lanczos.
 * Uses exact.
 *
 * @module
 */
