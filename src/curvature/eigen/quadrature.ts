import { ROUNDING, type Times } from "./lanczos.js";
import { ritzPairs } from "./ritz.js";
import { addScaled, dot, lengthOf, orthogonalTo, unit } from "./vectors.js";

/** A rule for Σ f(λ)·weight over a spectrum, from one random vector: its weights sum to 1. */
export interface QuadratureRule {
  /** vᵀAv of the unit vector v. */
  mean: number;
  nodes: number[];
  weights: number[];
}

/**
 * Gauss quadrature rules for the spectral density of a symmetric matrix, one for each random vector, by
 * stochastic Lanczos quadrature (Ghorbani, Krishnan and Xiao 2019, "An investigation into neural net
 * optimization via Hessian eigenvalue density"): the eigenvalues of a vector's tridiagonal matrix with
 * the squares of the eigenvectors' first numbers. The vectors share each pass over the data, and each
 * basis is reorthogonalised in full.
 *
 * @param vectors whose numbers are ±1; with one step a rule is Hutchinson's estimate of the trace
 * @param steps the most products of a vector
 */
export async function quadratureRules(
  times: Times,
  vectors: readonly Float64Array[],
  steps: number,
): Promise<QuadratureRule[]> {
  const runs = vectors.map((vector) => ({
    next: unit(vector) as Float64Array | undefined,
    basis: [] as Float64Array[],
    diagonal: [] as number[],
    beside: [] as number[],
  }));
  for (let step = 0; step < steps; step++) {
    const open = runs.filter(({ next }) => next !== undefined);
    if (open.length === 0) break;
    const products = await times(open.map(({ next }) => next!));
    for (const [index, run] of open.entries()) {
      const vector = run.next!;
      const product = products[index]!;
      run.basis.push(vector);
      run.diagonal.push(dot(vector, product));
      const rest = orthogonalTo(run.basis, product);
      const length = lengthOf(rest);
      const scale = Math.max(...run.diagonal.map(Math.abs), ...run.beside, Number.MIN_VALUE);
      // What is left of a complete space is rounding.
      if (run.basis.length === vector.length || length <= ROUNDING * scale) run.next = undefined;
      else {
        run.beside.push(length);
        run.next = unit(rest);
      }
    }
  }
  return runs.map(({ diagonal, beside }) => ruleOf(diagonal, beside));
}

function ruleOf(diagonal: readonly number[], beside: readonly number[]): QuadratureRule {
  const triangle = diagonal.map((value, row) => {
    const line = Array.from({ length: row + 1 }, () => 0);
    line[row] = value;
    if (row > 0) line[row - 1] = beside[row - 1]!;
    return line;
  });
  const pairs = ritzPairs(triangle);
  return {
    mean: diagonal[0]!,
    nodes: pairs.map(({ value }) => value),
    weights: pairs.map(({ vector }) => vector[0]! ** 2),
  };
}

/** Σ f(λ)·weight by a rule. */
export function integrate(
  { nodes, weights }: QuadratureRule,
  f: (eigenvalue: number) => number,
): number {
  return nodes.reduce((sum, node, at) => sum + weights[at]! * f(node), 0);
}

/** The mean of some numbers and its standard error. */
export function meanOf(values: readonly number[]): { estimate: number; standardError: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const variance = values.length > 1 ? squares / (values.length - 1) : 0;
  return { estimate: mean, standardError: Math.sqrt(variance / values.length) };
}

/** A density over a grid, as the mean over rules whose nodes are blurred to normal distributions. */
export interface BlurredDensity {
  eigenvalues: Float64Array;
  density: Float64Array;
  /** The standard deviation over the rules. */
  deviation: Float64Array;
}

/** The width of the normal distributions, as a fraction of the range of the nodes. */
const WIDTH = 1 / 200;
/** Points of the grid: five in each width. */
const POINTS = 1041;

/** The density of the rules over an evenly spaced grid that holds all nodes and four widths beyond. */
export function densityOf(rules: readonly QuadratureRule[]): BlurredDensity {
  const nodes = rules.flatMap((rule) => rule.nodes);
  const low = Math.min(...nodes);
  const high = Math.max(...nodes);
  const range = high - low || Math.max(1e-12, Math.abs(high));
  const width = range * WIDTH;
  const start = low - 4 * width;
  const step = (high + 4 * width - start) / (POINTS - 1);
  const eigenvalues = Float64Array.from({ length: POINTS }, (_, at) => start + at * step);
  const curves = rules.map((rule) => blurred(rule, eigenvalues, width));
  const density = new Float64Array(POINTS);
  for (const curve of curves) addScaled(density, 1 / rules.length, curve);
  const deviation = density.map((mean, at) => {
    const squares = curves.reduce((sum, curve) => sum + (curve[at]! - mean) ** 2, 0);
    return Math.sqrt(squares / Math.max(1, rules.length - 1));
  });
  return { eigenvalues, density, deviation };
}

function blurred(rule: QuadratureRule, eigenvalues: Float64Array, width: number): Float64Array {
  const height = 1 / (width * Math.sqrt(2 * Math.PI));
  return eigenvalues.map((at) =>
    integrate(rule, (node) => height * Math.exp(-0.5 * ((at - node) / width) ** 2)),
  );
}
