/**
 * Losses in float64 for checks, directions and proofs: slow, and exact to rounding.
 * Uses model only.
 *
 * @module
 */
