/**
 * From words to a command and the values of its options: command line, environment, configuration
 * file.
 * yargs is used in words.ts only.
 *
 * @module
 */
