/**
 * The whole Hessian of a network with few weights, in one pass over the rows.
 * Uses products.
 *
 * @module
 */
