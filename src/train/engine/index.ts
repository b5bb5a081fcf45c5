/**
 * How a training step is computed. `types.ts` is the interface; `fused`, `graph`, the tensor engine
 * and automatic differentiation implement it.
 * Uses optimizers and model.
 *
 * @module
 */
