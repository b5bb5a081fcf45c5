/**
 * Sections on curvature: certificates of lines, and the spectrum of the Hessian.
 * Uses figures.
 *
 * @module
 */
