import {
  add,
  dispose,
  mul,
  ones,
  scalar,
  square,
  sub,
  sum,
  tensor,
  tidy,
  variable,
  variableGrads,
  zerosLike,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { failure, messageOf } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { ensureBackend } from "../../backend/index.js";
import {
  createForward,
  parametersOf,
  toLayersModel,
  uploadBatch,
  type LayersNetwork,
} from "../../model/index.js";
import { productsOfGroups, type ProductsOptions } from "./dense-products.js";
import { withSecondGradients } from "./second-gradients.js";
import type { RowSource } from "./row-source.js";
import type { HessianPart, HessianProducts, RowPart } from "./types.js";

/** A second derivative holds the numbers of some so many forward passes. */
const PASSES = 8;
const MOST_ROWS = 4096;

/** How many rows a part has, so that memory stays bounded. The sums depend on it, so it depends on the network alone. */
export async function autodiffPartRows(network: LayersNetwork): Promise<number> {
  const forward = await createForward(network);
  forward.dispose();
  return Math.min(MOST_ROWS, Math.max(1, Math.floor(forward.passRows / PASSES)));
}

/**
 * Products with the Hessian of any TensorFlow.js model's mean squared error: the derivative of ⟨gradient, v⟩ by
 * automatic differentiation (Pearlmutter 1994), in float32 on the current backend. Parts of the rows are added in their
 * order in float64. Layers such as dropout behave as in prediction; the model's regularizers do not count.
 *
 * @param source the rows, in parts of `autodiffPartRows` rows; each product is a pass over them
 */
export async function autodiffProducts(
  network: LayersNetwork,
  source: RowSource,
  { signal, onRows }: ProductsOptions,
): Promise<HessianProducts> {
  await ensureBackend();
  const model = await toLayersModel(network);
  const trained = parametersOf(network).filter(({ trainable }) => trainable);
  const size = trained.reduce((numbers, { values }) => numbers + values.length, 0);
  const pause = createPause(signal);

  async function* sumsOfParts(
    vectors: readonly Float64Array[],
    part: HessianPart,
  ): AsyncGenerator<Float64Array, void, void> {
    const directions = vectors.map((vector) => tensorsOf(vector, trained));
    let done = 0;
    try {
      for await (const rows of source.parts()) {
        const sums = new Float64Array(vectors.length * size + 1);
        for (const [index, direction] of directions.entries()) {
          const products = productOf(model, rows, network.features, direction, part);
          try {
            let at = index * size;
            for (const product of products) {
              const values = await product.data<"float32">();
              sums.set(values, at);
              at += values.length;
            }
          } finally {
            dispose(products);
          }
          await pause();
        }
        done += rows.rows;
        source.release(rows);
        onRows?.(done, source.rows);
        yield sums;
      }
    } finally {
      dispose(directions.flat());
    }
  }

  return {
    size,
    method: "autodiff",
    rounding: 1e-6,
    simd: "none",
    times: (vectors, part = "all") =>
      productsOfGroups(sumsOfParts(vectors, part), vectors.length, size, source.rows),
    async dispose() {
      model.dispose();
    },
  };
}

/** A vector as tensors in the shapes of the weights. */
function tensorsOf(
  vector: Float64Array,
  weights: readonly { values: Float32Array; shape: readonly number[] }[],
): Tensor[] {
  let at = 0;
  return weights.map(({ values: { length }, shape }) => {
    at += length;
    return tensor(Float32Array.from(vector.subarray(at - length, at)), [...shape]);
  });
}

/** Half of the Hessian of the rows' sum of squared errors times a vector, one tensor for each trained weight. */
function productOf(
  model: LayersModel,
  rows: RowPart,
  features: number,
  direction: readonly Tensor[],
  part: HessianPart,
): Tensor[] {
  const weights = model.trainableWeights.map((weight) => weight.read() as Variable);
  const { x, y } = uploadBatch(rows, features);
  const predict = (): Tensor2D => model.apply(x, { training: false }) as Tensor2D;
  try {
    return tidy(() =>
      withSecondGradients(() => {
        if (part === "gauss-newton") {
          const slopes = slopesAlong(predict, weights, direction, rows.rows);
          return gradientOf(() => mul(slopes, predict()), weights);
        }
        const residuals = sub(predict(), y);
        // The residual part is that of Σ r·f with constant residuals r.
        const half = (): Tensor =>
          part === "residual"
            ? mul(residuals, predict())
            : mul(scalar(0.5), square(sub(predict(), y)));
        return gradientOf(() => dot(gradientOf(half, weights), direction), weights);
      }),
    );
  } catch (error) {
    throw secondDerivativeError(error);
  } finally {
    dispose([x, y]);
  }
}

/** Each prediction's derivative along a direction: the derivative of ⟨∇Σ u·f, v⟩ with respect to u. */
function slopesAlong(
  predict: () => Tensor2D,
  weights: Variable[],
  direction: readonly Tensor[],
  rows: number,
): Tensor {
  const factors = variable(ones([rows, 1]));
  try {
    return gradientOf(
      () =>
        dot(
          gradientOf(() => mul(factors, predict()), weights),
          direction,
        ),
      [factors],
    )[0]!;
  } finally {
    factors.dispose();
  }
}

/** The gradient of the sum of what `of` returns. */
function gradientOf(of: () => Tensor, variables: Variable[]): Tensor[] {
  const { value, grads } = variableGrads(() => sum(of()) as Scalar, variables);
  value.dispose();
  // A weight on which the value does not depend has no gradient.
  return variables.map((one) => grads[one.name] ?? zerosLike(one));
}

function dot(one: readonly Tensor[], other: readonly Tensor[]): Tensor {
  return one
    .map((values, at) => sum(mul(values, other[at]!)))
    .reduce((total, product) => add(total, product));
}

/** Some operations have a derivative in TensorFlow.js, of which there is none. */
function secondDerivativeError(error: unknown): unknown {
  const operation = /gradient function not found for (\w+)/.exec(messageOf(error))?.[1];
  if (operation === undefined) return error;
  return failure(
    `The curvature of this model cannot be computed: TensorFlow.js has no second derivative of its layers (operation ${operation}).`,
    error,
  );
}
