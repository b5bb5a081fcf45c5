/**
 * How far estimated weights may lie from the true ones: the bound that reports print.
 * Uses the library's doors.
 *
 * @module
 */
