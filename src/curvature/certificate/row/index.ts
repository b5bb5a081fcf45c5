/**
 * The pieces of one row's squared error along a line, with bounds of all rounding.
 * Uses nothing else of certificate.
 *
 * @module
 */
