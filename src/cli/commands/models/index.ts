/**
 * Commands on runs and models: train, evaluate, predict, export, runs, watch, backend.
 * Each parses, calls the library and prints.
 *
 * @module
 */
