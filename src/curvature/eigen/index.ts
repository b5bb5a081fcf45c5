/**
 * Eigenvalues of symmetric matrices that are known by their products with vectors.
 *
 * @module
 */
