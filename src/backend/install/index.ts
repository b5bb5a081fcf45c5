/**
 * Installing and removing backends: TensorFlow's native library from its wheel, its Node addon,
 * WebGPU.
 * Uses only files of src/backend and common.
 *
 * @module
 */
