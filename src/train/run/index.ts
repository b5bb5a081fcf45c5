/**
 * A run's folder: its record, history, checkpoints, snapshots and weights, and how a run is
 * resumed.
 * Uses engine (for the state that checkpoints hold) and the options.
 *
 * @module
 */
