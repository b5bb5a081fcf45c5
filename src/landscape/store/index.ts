/**
 * A landscape's folder: its record and tables, and opening them.
 * Uses points.
 *
 * @module
 */
