/**
 * The training loops: minibatches, gradient descent, the closed form, and the session around them.
 * Uses everything else of train.
 *
 * @module
 */
