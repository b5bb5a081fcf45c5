import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { failure } from "../../../src/common/errors.js";
import { inFolder } from "../../helpers/folder.js";
import { messageOf } from "../../helpers/message-of.js";
import { readMatrixSums, writeMatrixSums } from "../../../src/curvature/store/matrix-sums.js";
import {
  isMatrixFaster,
  matrixPartRows,
  matrixProducts,
  type MatrixKeeping,
} from "../../../src/curvature/matrix/matrix-products.js";
import { rowsInMemory, type RowSource } from "../../../src/curvature/products/row-source.js";
import type { HessianPart } from "../../../src/curvature/products/types.js";
import type { DenseNetwork } from "../../../src/model/index.js";
import { network as plainNetwork, normals, numbers } from "../../landscape/numbers.js";
import { wholeHessian } from "../dense-spectrum.js";
import { inFloat64 } from "../../../src/landscape/exact/network.js";
import { addHessianProduct } from "../hessian.js";
import { given, type Activations } from "../products/expected.js";

/** All columns of the Hessian by differentiating backpropagation row by row. */
function columnsOf(network: DenseNetwork, { x, y, rows }: ReturnType<typeof given>["batch"]) {
  const exact = inFloat64(network);
  const lengths = exact.flatMap(({ weights, bias }) =>
    bias === undefined ? [weights.length] : [weights.length, bias.length],
  );
  const size = lengths.reduce((sum, length) => sum + length, 0);
  return units(size).map((vector) => {
    let at = 0;
    const take = (length: number): Float64Array => vector.subarray(at, (at += length));
    const along = exact.map(({ bias, ...layer }) => {
      const weights = take(layer.weights.length);
      return { ...layer, weights, ...(bias && { bias: take(bias.length) }) };
    });
    const sums = lengths.map((length) => new Float64Array(length));
    addHessianProduct(exact, along, { x, y }, 0, rows, sums);
    return sums.flatMap((sum) => [...sum]).map((value) => value / rows);
  });
}

const units = (size: number): Float64Array[] =>
  Array.from({ length: size }, (_, at) =>
    Float64Array.from({ length: size }, (__, i) => +(i === at)),
  );

async function matrix(
  network: DenseNetwork,
  batch: { x: Float32Array; y: Float32Array; rows: number },
  part: HessianPart,
  workers: number,
  partRows = 64,
  vectors?: Float64Array[],
): Promise<Float64Array[]> {
  const source = rowsInMemory(batch, partRows);
  const products = matrixProducts(network, source, part, { workers, signal: undefined });
  const found = await products.times(vectors ?? units(products.size));
  await products.dispose();
  return found;
}

function close(found: readonly Float64Array[], expected: readonly ArrayLike<number>[]): void {
  let scale = 0;
  for (const column of expected)
    for (const value of Array.from(column)) scale = Math.max(scale, Math.abs(value));
  for (const [column, values] of found.entries()) {
    for (const [row, value] of values.entries()) {
      const wanted = expected[column]![row]!;
      assert.ok(Math.abs(value - wanted) <= 1e-13 * scale, `${row} ${column}: ${value} ${wanted}`);
    }
  }
}

const cases: [widths: number[], activations: Activations, bias: boolean, rows: number][] = [
  [[3, 1], ["linear"], true, 65],
  [[3, 5, 1], ["relu", "relu"], true, 130],
  [[3, 6, 4, 1], ["relu", "relu", "linear"], false, 100],
  [[4, 5, 3, 6, 4, 1], ["relu", "linear", "relu", "relu", "linear"], true, 150],
];
for (const [widths, activations, bias, rows] of cases) {
  test(`${widths.join("-")}: the matrix is that of plain float64, and its parts add up`, async () => {
    const { network, batch } = given(widths, activations, bias, rows);
    const all = await matrix(network, batch, "all", 1);
    close(all, columnsOf(network, batch));
    const square = await matrix(network, batch, "gauss-newton", 1);
    const rest = await matrix(network, batch, "residual", 1);
    close(
      square.map((column, at) => column.map((value, row) => value + rest[at]![row]!)),
      all,
    );
    // ∇²f has no blocks within a layer.
    const first = network[0]!.weights.length;
    assert.ok(rest[0]!.subarray(0, first).every((value) => value === 0));
  });
}

test("the notebook's network: the matrix by its formula, the same bits with any number of threads", async () => {
  const next = normals(8);
  const network = plainNetwork(next, [10, 40, 20, 1], 0.3);
  const batch = { x: numbers(next, 10 * 300), y: numbers(next, 300), rows: 300 };
  const expected = wholeHessian(network, batch.x, batch.y);
  const { size } = expected;
  const found = await matrix(network, batch, "all", 1);
  close(
    found,
    found.map((_, at) => expected.values.subarray(at * size, (at + 1) * size)),
  );
  const vectors = [0, 1, 2].map(() => Float64Array.from({ length: size }, () => next()));
  const alone = await matrix(network, batch, "all", 1, 64, vectors);
  for (const [workers, partRows] of [
    [2, 64],
    [3, 128],
  ] as const) {
    assert.equal(await matrix(network, batch, "all", workers, partRows, vectors), alone);
  }
});

test("parts are added in their order in one thread, whichever of them has to pause", async () => {
  const { network, batch } = given([3, 6, 4, 1], ["relu", "relu", "linear"], true, 500);
  const expected = await matrix(network, batch, "all", 2);
  const source = rowsInMemory(batch, 64);
  const late: RowSource = {
    ...source,
    async *parts() {
      // Long enough for the first part, and not for the second, to let others have the thread.
      const until = performance.now() + 100;
      while (performance.now() < until);
      yield* source.parts();
    },
  };
  const products = matrixProducts(network, late, "all", { workers: 1, signal: undefined });
  assert.equal(await products.times(units(products.size)), expected);
});

test(
  "an assembly that was interrupted goes on to the same bits with another number of threads",
  inFolder(async (folder) => {
    const { network, batch } = given([3, 6, 4, 1], ["relu", "relu", "linear"], true, 500);
    const expected = await matrix(network, batch, "all", 1);
    const file = path.join(folder, "matrix.bin");
    let [writes, first] = [0, 0];
    const keeping = (most: number): MatrixKeeping => ({
      every: 0,
      read: (lengths) => readMatrixSums(file, lengths),
      async write(kept) {
        if (writes++ === most) throw failure("interrupted");
        await writeMatrixSums(file, kept);
      },
      rowsFrom(from) {
        first = from;
        const x = batch.x.subarray(from * 3);
        return rowsInMemory({ x, y: batch.y.subarray(from), rows: batch.rows - from }, 64);
      },
    });
    async function run(workers: number, most: number): Promise<Float64Array[]> {
      writes = 0;
      const products = matrixProducts(
        network,
        rowsInMemory(batch, 64),
        "all",
        { workers, signal: undefined },
        keeping(most),
      );
      return products.times(units(products.size));
    }
    assert.match(await messageOf(run(2, 3)), "interrupted");
    assert.match(await messageOf(run(3, 2)), "interrupted");
    assert.is(first, 3 * 64);
    assert.equal(await run(1, Infinity), expected);
    assert.is(first, 5 * 64);
    // All rows are in the sums now.
    assert.equal(await run(2, Infinity), expected);
    assert.is(first, 500);
    const bytes = await readFile(file);
    for (const damaged of [bytes.subarray(0, -8), bytes.fill(1, 100, 101), Buffer.alloc(0)]) {
      await writeFile(file, damaged);
      first = 0;
      assert.equal(await run(2, Infinity), expected);
      assert.is(first, 0);
    }
  }),
);

test("the matrix is used for many rows of a small piecewise linear network", () => {
  const { network } = given([10, 40, 20, 1], ["relu", "relu", "linear"], false, 1);
  assert.is(isMatrixFaster(network, 100_000, 128 * 2 ** 20), true);
  assert.is(isMatrixFaster(network, 1000, 128 * 2 ** 20), false);
  assert.is(isMatrixFaster(network, 100_000, 2 ** 20), false);
  const tanh = given([10, 40, 20, 1], ["relu", "tanh", "linear"], false, 1).network;
  assert.is(isMatrixFaster(tanh, 100_000, 128 * 2 ** 20), false);
  assert.is(matrixPartRows(network) % 64, 0);
});

test.run();
