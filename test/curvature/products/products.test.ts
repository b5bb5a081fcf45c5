import { assert, test } from "../../helpers/test.js";
import { denseProducts } from "../../../src/curvature/products/dense-products.js";
import { openKernelProducts } from "../../../src/curvature/products/kernel-products.js";
import { rowsInMemory, rowSource } from "../../../src/curvature/products/row-source.js";
import type { HessianPart } from "../../../src/curvature/products/types.js";
import { addGradient, inFloat64 } from "../../../src/landscape/exact/network.js";
import { memoryDataset } from "../../helpers/memory-dataset.js";
import { close, expectedProduct, gaussNewton, given, parts, type Activations } from "./expected.js";

const cases: [widths: number[], activations: Activations, bias: boolean, rows: number][] = [
  [[3, 1], ["linear"], false, 65],
  [[3, 1], ["linear"], true, 300],
  [[10, 40, 20, 1], ["relu", "relu", "linear"], false, 200],
  [[5, 7, 6, 3, 1], ["relu", "tanh", "sigmoid", "linear"], true, 131],
  [[2, 5, 1], ["sigmoid", "tanh"], true, 7],
  [[4, 9, 1], ["linear", "relu"], false, 64],
];
for (const [widths, activations, bias, rows] of cases) {
  test(`${widths.join("-")} ${activations.join(" ")}: products are those of plain float64`, async () => {
    const { network, batch, vector } = given(widths, activations, bias, rows);
    const products = denseProducts(network, rowsInMemory(batch, 64), {
      workers: 1,
      signal: undefined,
    });
    const vectors = [vector(), vector(), vector()];
    const found = await products.times(vectors);
    for (const [at, one] of vectors.entries()) {
      close(found[at]!, expectedProduct(network, one, batch), 1e-13);
    }
    const both: Float64Array[] = [];
    for (const part of ["gauss-newton", "residual"] satisfies HessianPart[]) {
      both.push((await products.times([vectors[0]!], part))[0]!);
    }
    close(both[0]!, gaussNewton(network, vectors[0]!, batch), 1e-12);
    close(
      both[0]!.map((value, at) => value + both[1]![at]!),
      found[0]!,
      1e-12,
    );
    await products.dispose();
  });
}

test("the kernel returns the sum of squared errors too", () => {
  const { network, batch, vector } = given([3, 4, 1], ["relu", "linear"], true, 50);
  const kernel = openKernelProducts(network);
  kernel.setVectors(vector());
  const squares = kernel.add(batch, "all").at(-1)!;
  const gradient = parts(network).map(({ length }) => new Float64Array(length));
  addGradient(inFloat64(network), batch, 0, batch.rows, gradient);
  // The last layer's bias has the gradient 2Σ(f − y).
  assert.ok(squares > 0);
  assert.ok(Math.abs(gradient.at(-1)![0]!) <= 2 * Math.sqrt(squares * batch.rows));
});

test("the same bits with any number of threads, rows in memory or read in every pass", async () => {
  const { network, batch, vector } = given(
    [10, 40, 20, 1],
    ["relu", "relu", "linear"],
    false,
    90_001,
  );
  const dataset = memoryDataset(batch.x, batch.y);
  const vectors = [vector(), vector()];
  const found: Float64Array[][] = [];
  for (const [workers, memory] of [
    [1, 1e9],
    [2, 1e9],
    [3, 0],
  ] as const) {
    const selection = { dataset, batches: [0, 2, 3], batchSize: 30_000, partRows: 8192, memory };
    const source = rowSource({ ...selection, signal: undefined });
    assert.is(source.rows, 60_001);
    const products = denseProducts(network, source, { workers, signal: undefined });
    found.push(await products.times(vectors));
    assert.equal(await products.times(vectors), found.at(-1));
    await products.dispose();
  }
  assert.equal(found[1], found[0]);
  assert.equal(found[2], found[0]);
  const rows = [...Array(30_000).keys(), ...Array.from({ length: 30_001 }, (_, at) => 60_000 + at)];
  const selected = {
    x: Float32Array.from(rows.flatMap((row) => [...batch.x.subarray(row * 10, row * 10 + 10)])),
    y: Float32Array.from(rows, (row) => batch.y[row]!),
    rows: rows.length,
  };
  close(found[0]![0]!, expectedProduct(network, vectors[0]!, selected), 1e-12);
});

test.run();
