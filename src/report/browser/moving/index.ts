/**
 * What a reader moves: the scrubber through a training, the probe of slices, the camera of a surface, and the place
 * under the pointer on linked charts.
 * Uses charts and types.
 *
 * @module
 */
