import type { Quadratics } from "../methods/curves.js";
import type { LossLog } from "./loss-log.js";

/** Losses that are quadratics along each line of a grid. */
export interface QuadraticLines extends Pick<Quadratics, "alphas" | "betas"> {
  /** How many batches there are. */
  readonly count: number;
  /** The coefficients on the line at a β: those of all batches side by side, c, l and q in turn. */
  coefficients(beta: number): readonly [Float64Array, Float64Array, Float64Array];
}

/** The losses of some batches on every line, if all coefficients are finite. */
export function linesOf(
  log: LossLog,
  { alphas, betas, coefficients }: Quadratics,
  batches: readonly number[],
): QuadraticLines | undefined {
  const { width } = log.curves;
  const count = batches.length;
  const told = new Float64Array(count * width);
  const of = (index: number): Float64Array => told.subarray(index * width, (index + 1) * width);
  for (const [index, batch] of batches.entries()) log.read(of(index), batch);
  const one = new Float64Array(3);
  const lines: QuadraticLines = {
    alphas,
    betas,
    count,
    coefficients(beta) {
      const [c, l, q] = [0, 1, 2].map(() => new Float64Array(count));
      for (let index = 0; index < count; index++) {
        coefficients(of(index), beta, one);
        c![index] = one[0]!;
        l![index] = one[1]!;
        q![index] = one[2]!;
      }
      return [c!, l!, q!];
    },
  };
  const isFinite = (beta: number): boolean =>
    lines.coefficients(beta).every((part) => part.every(Number.isFinite));
  return betas.every(isFinite) ? lines : undefined;
}
