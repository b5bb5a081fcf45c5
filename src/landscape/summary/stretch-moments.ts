import type { QuadraticKernel } from "./summary-kernel.js";

/**
 * Mean and sample variance of quadratics in a stretch of a line, in closed form. With each expanded
 * about the centre as v + τ(s + τb), |τ| ≤ 1, the mean is v̄ + τ(s̄ + τb̄), and the variance is the
 * quartic that the covariances of v, s and b make up, which are computed in two passes. The deviation of
 * τ(s + τb) is at most half that of v, or there is no answer: then the quartic's terms cancel to no
 * less than a ninth of what they are, and the variance has about the relative error of its parts.
 *
 * @param slack by which losses may be rounded below 0, where they are taken as 0; where they might be
 *   less, there is no answer
 * @returns the moments at τ, if they can be had so; the kernel's expansions are those of the stretch
 */
export function momentsOf(
  kernel: QuadraticKernel,
  centre: number,
  reach: number,
  slack: number,
): ((tau: number) => { mean: number; variance: number }) | undefined {
  const count = kernel.values.length;
  const [values = 0, slopes = 0, bends = 0, least = 0] = kernel.expand(centre, reach);
  if (least < -slack) return undefined;
  const value = values / count;
  const slope = slopes / count;
  const bend = bends / count;
  const products = kernel.sumProducts({ value, slope, bend });
  const [vv = 0, vs = 0, vb = 0, ss = 0, sb = 0, bb = 0] = products;
  if (!(Math.sqrt(ss) + Math.sqrt(bb) <= Math.sqrt(vv) / 2)) return undefined;
  const freedom = count - 1;
  return (tau) => {
    const sum = vv + tau * (2 * vs + tau * (ss + 2 * vb + tau * (2 * sb + tau * bb)));
    return {
      mean: value + tau * (slope + tau * bend),
      variance: Math.max(0, sum) / freedom,
    };
  };
}
