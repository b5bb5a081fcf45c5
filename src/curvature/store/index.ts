/**
 * The folder of a curvature: its record, tables, directions, and the log that an interrupted one leaves.
 *
 * @module
 */
