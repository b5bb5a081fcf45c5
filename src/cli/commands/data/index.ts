/**
 * Commands on datasets: generate, maxima, join, convert, inspect, verify.
 * Each parses, calls the library and prints.
 *
 * @module
 */
