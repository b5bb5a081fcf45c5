import path from "node:path";
import { writeDataset } from "../../../src/storage/index.js";
import { planBuffer } from "../../../src/stream/shuffle/buffer.js";
import type { EpochPlan, PlanInput } from "../../../src/stream/chunks/plan.js";
import { openDataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { assertRejects } from "../../storage/folders.js";
import { knowRows, orderOf, range, sorted } from "../rows.js";

/* test/stream/shuffle/order.test.ts computes the order again; mixing.test.ts has what all orders promise. */

async function planOf(
  shardRows: readonly number[],
  given: Partial<PlanInput> = {},
): Promise<EpochPlan> {
  const shards = shardRows.map((rows, shard) => ({
    file: `${shard}`,
    format: "arrow" as const,
    rows,
    features: 1,
  }));
  const plan = planBuffer({
    shards,
    rows: shardRows.reduce((sum, rows) => sum + rows, 0),
    features: 1,
    batchSize: 1000,
    seed: 1,
    epoch: 0,
    bufferShards: 8,
    memory: 0,
    scratch: "",
    shared: (bytes) => new SharedArrayBuffer(bytes),
    run: async () => new Uint32Array(),
    threads: 1,
    ...given,
  });
  await plan.prepare();
  return plan;
}

/** The shards that each chunk reads from. */
function shardsOf(plan: EpochPlan): Set<number>[] {
  return range(plan.chunks).map((chunk) => {
    const task = plan.task(chunk, 0);
    if (task.type !== "read") throw new Error("A buffer's chunks are read from shards.");
    return new Set(task.ranges.map(({ shard }) => shard));
  });
}

test("a chunk reads from as many shards as the buffer has, and each shard over one stretch", async () => {
  for (const [shards, shardRows, bufferShards] of [
    [40, 100_000, 8],
    [40, 100_000, 7],
    [40, 100_000, 1],
    [5, 50_000, 8],
    [1, 1000, 8],
    [60, 300, 4],
  ] as const) {
    const plan = await planOf(Array(shards).fill(shardRows) as number[], { bufferShards });
    const chunks = shardsOf(plan);
    const most = Math.max(...chunks.map(({ size }) => size));
    assert.is(most, Math.min(shards, bufferShards), `${shards} ${shardRows} ${bufferShards}`);
    // What is held between the first and the last use of each shard.
    const firsts = new Map<number, number>();
    const lasts = new Map<number, number>();
    for (const [chunk, used] of chunks.entries()) {
      for (const shard of used) {
        if (!firsts.has(shard)) firsts.set(shard, chunk);
        lasts.set(shard, chunk);
      }
    }
    for (const chunk of chunks.keys()) {
      const held = range(shards).filter(
        (shard) => firsts.get(shard)! <= chunk && chunk <= lasts.get(shard)!,
      );
      assert.ok(held.length <= bufferShards, `${held.length} held at ${chunk}`);
    }
  }
});

test("the shards to be brought ahead are those that come into reach next", async () => {
  for (const bufferShards of [1, 4, 5]) {
    const plan = await planOf(Array(30).fill(70_000) as number[], { bufferShards, epoch: 3 });
    const used = new Set<number>();
    const named = new Set<number>();
    let unnamed = 0;
    for (const [chunk, shards] of shardsOf(plan).entries()) {
      for (const shard of shards) {
        if (!used.has(shard) && !named.has(shard)) unnamed++;
        used.add(shard);
      }
      const task = plan.task(chunk, 0);
      const ahead = "ahead" in task ? task.ahead! : [];
      for (const shard of ahead) {
        assert.not(used.has(shard), `${shard} has been used`);
        named.add(shard);
      }
    }
    assert.is(used.size, 30);
    // Those within reach of the first chunk.
    assert.ok(unnamed <= Math.floor(bufferShards / 2) + 1, `${unnamed}`);
  }
});

test("every row comes once, also of shards of any length", async () => {
  const shardRows = [1, 90_000, 17, 0, 30_000, 64, 65];
  const plan = await planOf(shardRows, { bufferShards: 3 });
  const seen = shardRows.map((): number[] => []);
  for (const chunk of range(plan.chunks)) {
    const task = plan.task(chunk, 0);
    if (task.type !== "read") continue;
    let rows = 0;
    for (const { shard, first, rows: count } of task.ranges) {
      rows += count;
      for (let row = first; row < first + count; row++) seen[shard]!.push(row);
    }
    assert.is(rows, plan.chunkRows(chunk));
  }
  for (const [shard, rows] of seen.entries()) assert.equal(sorted(rows), range(shardRows[shard]!));
});

test(
  "a loader continues with the same rows; another buffer is another order",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 20_000, features: 3, shardRows: 1000 });
    const known = await knowRows(out, 3);
    const dataset = await openDataset(out);
    const options = { batchSize: 700, shuffle: "buffer", bufferShards: 4, epochs: 2 } as const;
    const whole = await orderOf(dataset, known, options);
    const loader = dataset.batches({ ...options, workers: 1 });
    const first: number[][] = [];
    for await (const batch of loader) {
      first.push(known.numbersOf(batch));
      if (first.length === 37) break;
    }
    const from = JSON.parse(JSON.stringify(loader.state())) as ReturnType<typeof loader.state>;
    assert.is(from.bufferShards, 4);
    const rest = await orderOf(dataset, known, { ...options, from });
    assert.equal([...first, ...rest], whole);
    await assertRejects(
      (async () => dataset.batches({ ...options, bufferShards: 5, from }))(),
      "failed",
      /made with bufferShards 4, not 5/,
    );
    const other = await orderOf(dataset, known, { ...options, bufferShards: 5 });
    assert.not.equal(other, whole);
    // Rows of a chunk come from four shards at most: a batch lies within two chunks.
    for (const batch of whole) {
      assert.ok(new Set(batch.map((row) => Math.floor(row / 1000))).size <= 6);
    }
  }),
);

test.run();
