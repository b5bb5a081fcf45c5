/**
 * The figures and tables of a landscape along a line: slices, their lowest points, barriers.
 * Uses figures and the texts of landscapes.
 *
 * @module
 */
