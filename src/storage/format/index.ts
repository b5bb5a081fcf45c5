/**
 * What every format shares: manifest, columns, types of numbers, compression, the interfaces of
 * files and readers.
 * Uses nothing else of storage.
 *
 * @module
 */
