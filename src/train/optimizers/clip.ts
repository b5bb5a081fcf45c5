import type { Algebra } from "./algebra.js";

/** Keeps the division finite where all gradients are zero; PyTorch's value. */
const TINY = 1e-6;

/**
 * Scales the gradients of all parameters down together, so that the Euclidean norm of all their
 * numbers is at most `maximum` (Pascanu, Mikolov and Bengio 2013; `torch.nn.utils.clip_grad_norm_`):
 * g ← g · min(1, maximum/(‖g‖ + 10⁻⁶)).
 */
export function clipByNorm<T>(of: Algebra<T>, gradients: readonly T[], maximum: number): T[] {
  const [first, ...rest] = gradients.map((gradient) => of.sum(of.multiply(gradient, gradient)));
  if (first === undefined) return [];
  const norm = of.squareRoot(rest.reduce((total, square) => of.add(total, square), first));
  const factor = of.minimum(of.divide(maximum, of.add(norm, TINY)), 1);
  return gradients.map((gradient) => of.multiply(gradient, factor));
}
