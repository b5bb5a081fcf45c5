import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { landscape } from "../../../src/landscape/index.js";
import type { LandscapeOptions } from "../../../src/landscape/index.js";
import { alignUnits } from "../../../src/landscape/directions/alignment.js";
import { reordered } from "../../../src/landscape/directions/symmetries.js";
import { dotProduct } from "../../../src/landscape/directions/weights.js";
import { saveNetwork, type DenseNetwork } from "../../../src/model/index.js";
import { example, folder, refused } from "../example.js";
import { network, normals, numbers } from "../numbers.js";

const atOnce = (): Promise<void> => Promise.resolve();

/** All orders of the numbers below `length`. */
function ordersOf(length: number): number[][] {
  if (length === 0) return [[]];
  return ordersOf(length - 1).flatMap((order) =>
    Array.from({ length }, (_, at) => [...order.slice(0, at), length - 1, ...order.slice(at)]),
  );
}

test("units that were reordered by hand come back to their places, biases included", async () => {
  const next = normals(5);
  const model = network(next, [5, 8, 6, 1], 0.5);
  for (const layer of model.slice(0, 2)) layer.bias = numbers(next, layer.outputs);
  const mixed = reordered(reordered(model, 1, [3, 0, 7, 1, 5, 2, 6, 4]), 2, [5, 3, 1, 0, 2, 4]);
  const { network: found, orders } = await alignUnits(model, mixed, atOnce);
  assert.equal(found, model);
  assert.equal(orders, [
    [1, 3, 5, 0, 7, 4, 6, 2],
    [3, 2, 4, 1, 5, 0],
  ]);
});

test("of two different networks with one hidden layer, no other order lies nearer", async () => {
  const next = normals(6);
  const one = network(next, [3, 5, 1], 0.7);
  const other = network(next, [3, 5, 1], 0.7);
  const { network: found } = await alignUnits(one, other, atOnce);
  const best = Math.max(...ordersOf(5).map((order) => dotProduct(one, reordered(other, 1, order))));
  assert.ok(Math.abs(dotProduct(one, found) - best) <= 1e-12 * Math.abs(best));
});

test("with align, the line to a reordered copy is flat; without it, it is not", async () => {
  const { run, dataset } = example([3, 6, 4, 1], 90, "alignment");
  const own = (await run.weights()) as DenseNetwork;
  const copy = path.join(folder, "copy");
  await saveNetwork(copy, reordered(own, 1, [1, 2, 3, 4, 5, 0]));
  const line = async (more: LandscapeOptions) => {
    const options = { dataset, along: `model:${copy}`, points: 5, batches: "all" } as const;
    const made = await landscape(run, { ...options, ...more });
    const first = (await made.summary()).filter(({ slice }) => slice === 0);
    return { record: made.record, mean: first.map(({ mean }) => mean) };
  };
  const aligned = await line({ align: true });
  assert.equal(aligned.record.alignment, [
    [5, 0, 1, 2, 3, 4],
    [0, 1, 2, 3],
  ]);
  assert.match(aligned.record.command, "--align");
  assert.equal(new Set(aligned.mean).size, 1);
  const plain = await line({});
  assert.is(plain.record.alignment, undefined);
  const ends = Math.abs(plain.mean[0]! / plain.mean.at(-1)! - 1);
  assert.ok(ends < 1e-5 && Math.abs(plain.mean[2]! / plain.mean[0]! - 1) > 1e-3);
  assert.equal((await line({ align: true, resume: true })).record, aligned.record);
  await refused(line({ align: true, plane: true }), "usage", "align goes with");
  await refused(landscape(run, { dataset, align: true }), "usage", "align goes with");
  const linear = example([3, 1], 9, "no-units-to-align");
  const made = { dataset: linear.dataset, along: `model:${copy}`, align: true } as const;
  await refused(landscape(linear.run, made), "usage", "layers");
});

test.run();
