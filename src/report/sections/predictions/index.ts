/**
 * What a trained model predicts: against its targets, its quality, and the weights that it comes from.
 * Uses figures, and the linear model of weights.
 *
 * @module
 */
export { sectionOfPredictions } from "./section.js";
