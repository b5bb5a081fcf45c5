/**
 * Proofs that a loss is not convex: barriers, bends and negative curvature, with their sentences.
 * Uses the library's doors.
 *
 * @module
 */
