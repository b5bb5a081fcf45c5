/**
 * Commands on landscapes and reports: landscape, merge, report, experiment, demo.
 * Each parses, calls the library and prints.
 *
 * @module
 */
