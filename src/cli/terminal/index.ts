/**
 * What a terminal shows: results, the progress line, errors, the browser, and Ctrl-C.
 * Knows no command.
 *
 * @module
 */
