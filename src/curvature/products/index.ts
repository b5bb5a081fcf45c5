/**
 * Hessian–vector products: the kernel, its threads, the passes over the rows.
 * Uses landscape's door.
 *
 * @module
 */
