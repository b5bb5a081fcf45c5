import path from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import { layers, sequential, type LayersModel } from "@tensorflow/tfjs-layers";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { chooseBackend } from "../../../src/backend/index.js";
import { curvature } from "../../../src/curvature/index.js";
import {
  autodiffPartRows,
  autodiffProducts,
} from "../../../src/curvature/products/autodiff-products.js";
import { rowsInMemory } from "../../../src/curvature/products/row-source.js";
import type { HessianPart, RowPart } from "../../../src/curvature/products/types.js";
import { landscape } from "../../../src/landscape/index.js";
import {
  modelToNetwork,
  networkOf,
  networkToModel,
  parametersOf,
  toLayersModel,
  type DenseNetwork,
  type LayersNetwork,
} from "../../../src/model/index.js";
import { autodiffGradients, train } from "../../../src/train/index.js";
import { drawn } from "../../helpers/branched-model.js";
import { inFolder } from "../../helpers/folder.js";
import { branched, dataset, options, rows, x, y } from "../../helpers/layers-models.js";
import { messageOf } from "../../helpers/message-of.js";
import { assert, test } from "../../helpers/test.js";
import { normals } from "../../landscape/numbers.js";
import { close, expectedProduct, gaussNewton, given } from "./expected.js";

const limits = { workers: 1, signal: undefined };

/** A chain of dense layers in the form of any other model. */
async function asLayers(network: DenseNetwork): Promise<LayersNetwork> {
  const model = networkToModel(network);
  const topology = model.toJSON(undefined, false) as unknown as Record<string, unknown>;
  const names = model.weights.map(({ originalName }) => originalName);
  assert.equal(await modelToNetwork(model), network);
  model.dispose();
  return {
    features: network[0]!.inputs,
    widths: [],
    topology,
    weights: parametersOf(network).map(({ values, shape }, at) => ({
      name: names[at]!,
      shape: [...shape],
      trainable: true,
      values,
    })),
  };
}

test("products by automatic differentiation are those of plain float64, to the precision of float32", async () => {
  await chooseBackend("wasm");
  const { network, batch, vector } = given([4, 7, 6, 1], ["relu", "tanh", "sigmoid"], true, 300);
  const products = await autodiffProducts(
    await asLayers(network),
    rowsInMemory(batch, 128),
    limits,
  );
  const vectors = [vector(), vector()];
  const found = await products.times(vectors);
  for (const [at, one] of vectors.entries()) {
    close(found[at]!, expectedProduct(network, one, batch), 1e-5);
  }
  const [one] = vectors;
  const [slopes] = await products.times([one!], "gauss-newton");
  close(slopes!, gaussNewton(network, one!, batch), 1e-5);
  const [residual] = await products.times([one!], "residual");
  const expected = expectedProduct(network, one!, batch).map(
    (value, at) => value - gaussNewton(network, one!, batch)[at]!,
  );
  close(residual!, expected, 1e-5);
  await products.dispose();
});

/** The gradient of the mean squared error at weights that are moved along a vector. */
async function gradientAt(
  network: LayersNetwork,
  vector: Float64Array,
  by: number,
  batch: RowPart,
): Promise<number[]> {
  let at = 0;
  const weights = network.weights.map((weight) => ({
    ...weight,
    values: weight.trainable
      ? weight.values.map((value) => value + by * vector[at++]!)
      : weight.values,
  }));
  const source = autodiffGradients(await toLayersModel({ ...network, weights }), undefined);
  const { gradients, residuals } = source.gradients(batch, 1);
  const found = await Promise.all(gradients.map((gradient) => gradient.data()));
  for (const one of [residuals, ...gradients]) one.dispose();
  source.dispose();
  return found.flatMap((values) => [...values]);
}

/** A network's Hessian times a vector by differences of gradients. */
async function difference(
  network: LayersNetwork,
  vector: Float64Array,
  { batch = { x, y, rows }, step = 1e-2 } = {},
): Promise<Float64Array> {
  const by = step / Math.hypot(...vector);
  const [up, down] = [
    await gradientAt(network, vector, by, batch),
    await gradientAt(network, vector, -by, batch),
  ];
  return Float64Array.from(up, (value, at) => (value - down[at]!) / (2 * by));
}

test(
  "the curvature of a model with branches and moving averages is that of differences of gradients",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    const run = await train(dataset, { ...options, out: path.join(folder, "run"), model });
    model.dispose();
    const network = (await run.weights()) as LayersNetwork;
    const partRows = await autodiffPartRows(network);
    const products = await autodiffProducts(
      network,
      rowsInMemory({ x, y, rows }, partRows),
      limits,
    );
    const { size } = products;
    const next = normals(3);
    const vector = Float64Array.from({ length: size }, () => next());
    const [product] = await products.times([vector]);
    close(product!, await difference(network, vector), 3e-3);

    const hessian = Matrix.zeros(size, size);
    for (let column = 0; column < size; column++) {
      const unit = new Float64Array(size);
      unit[column] = 1;
      hessian.setColumn(column, await difference(network, unit));
    }
    const symmetric = Matrix.add(hessian, hessian.transpose()).mul(0.5);
    const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
    const ascending = realEigenvalues.toSorted((one, other) => one - other);
    const made = await curvature(run, { dataset, vectors: 2, batchSize: 150 });
    assert.is(made.record.method, "autodiff");
    assert.is(made.record.parameters, size);
    const scale = ascending.at(-1)!;
    for (const [at, { eigenvalue, residual }] of made.record.largest.entries()) {
      const off = Math.abs(eigenvalue - ascending.at(-1 - at)!);
      assert.ok(off <= residual + 1e-3 * scale, `${eigenvalue}, ${ascending.at(-1 - at)}`);
    }
    const [least] = made.record.least;
    assert.ok(Math.abs(least!.eigenvalue - ascending[0]!) <= least!.residual + 1e-3 * scale);
    // Its eigenvectors are directions of landscapes: the second difference is the eigenvalue.
    const { largest } = made.record;
    const line = await landscape(run, {
      dataset,
      along: "curvature:-1",
      points: 3,
      scale: 0.05,
      batches: "all",
      batchSize: rows,
      out: path.join(folder, "line"),
    });
    const [curve] = await line.curves();
    const { losses } = curve!;
    const second = (losses[0]! - 2 * losses[1]! + losses[2]!) / 0.05 ** 2;
    assert.ok(Math.abs(second / largest[0]!.eigenvalue - 1) < 0.05, `${second}`);
    await products.dispose();
  }),
);

/** Models of other layers: recurrent ones, and activations with comparisons. */
const others: Record<string, () => LayersModel["layers"]> = {
  lstm: () => [
    layers.reshape({ inputShape: [3], targetShape: [3, 1], name: "steps" }),
    layers.lstm({
      ...drawn(1),
      units: 3,
      recurrentInitializer: drawn(4).kernelInitializer,
      name: "lstm",
    }),
  ],
  selu: () => [
    layers.dense({ ...drawn(1), inputShape: [3], units: 5, activation: "selu", name: "hidden" }),
  ],
  prelu: () => [
    layers.dense({ ...drawn(1), inputShape: [3], units: 5, name: "hidden" }),
    layers.prelu({ alphaInitializer: drawn(5).kernelInitializer, name: "prelu" }),
  ],
  softmax: () => [
    layers.dense({ ...drawn(1), inputShape: [3], units: 5, activation: "softmax", name: "hidden" }),
  ],
};
for (const [name, below] of Object.entries(others)) {
  test(`${name}: products are those of differences of gradients`, async () => {
    await chooseBackend("wasm");
    const model = sequential({
      layers: [...below(), layers.dense({ ...drawn(2), units: 1, name: "out" })],
    });
    const network = (await networkOf(model)) as LayersNetwork;
    model.dispose();
    const before = memory().numTensors;
    // So few rows that no unit switches between the two gradients.
    const batch = { x: x.subarray(0, 3 * 12), y: y.subarray(0, 12), rows: 12 };
    const products = await autodiffProducts(network, rowsInMemory(batch, 8), limits);
    const next = normals(3);
    const vector = Float64Array.from({ length: products.size }, () => next());
    const [product] = await products.times([vector]);
    close(product!, await difference(network, vector, { batch, step: 2e-3 }), 1e-2);
    await products.dispose();
    assert.is(memory().numTensors, before, "tensors are left");
  });
}

/** A convolution, of whose derivative TensorFlow.js has none. */
function convolution(): LayersModel {
  return sequential({
    layers: [
      layers.reshape({ inputShape: [3], targetShape: [3, 1], name: "steps" }),
      layers.conv1d({ ...drawn(1), filters: 2, kernelSize: 2, activation: "tanh", name: "conv" }),
      layers.flatten({ name: "flat" }),
      layers.dense({ ...drawn(2), units: 1, name: "out" }),
    ],
  });
}

test(
  "layers without a second derivative are named, and nothing is left",
  inFolder(async (folder) => {
    await chooseBackend("cpu");
    const model = convolution();
    const network = await networkOf(model);
    const run = await train(dataset, {
      ...options,
      backend: "cpu",
      epochs: 1,
      out: path.join(folder, "run"),
      model,
    });
    model.dispose();
    assert.not.ok(Array.isArray(network));
    const refusal = await messageOf(curvature(run, { dataset }));
    assert.match(
      refusal,
      /TensorFlow\.js has no second derivative of its layers \(operation \w+\)/,
    );
    const parts = ["gauss-newton", "residual"] satisfies HessianPart[];
    for (const part of parts) {
      assert.match(await messageOf(curvature(run, { dataset, part })), "no second derivative");
    }
  }),
);

test.run();
