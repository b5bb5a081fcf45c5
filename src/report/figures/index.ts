/**
 * Figures and tables as data: how their numbers are thinned, packed, fitted and described.
 * Uses nothing else of report.
 *
 * @module
 */
