/**
 * A trained model on rows: loss and R², validation during training, predictions as a file.
 * Uses engine and run; knows no training loop.
 *
 * @module
 */
