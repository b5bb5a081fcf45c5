import { createHash } from "node:crypto";
import path from "node:path";
import * as fc from "fast-check";
import { assert, test } from "../helpers/test.js";
import { writeDataset } from "../../src/storage/index.js";
import {
  openDataset,
  SHUFFLE_MODES,
  type Batch,
  type BatchOptions,
  type Dataset,
  type LoaderState,
} from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";
import { assertRejects, namesIn } from "../storage/folders.js";
import { knowRows, orderOf, range, sorted, type KnownRows } from "./rows.js";

const ROWS = 2300;
const FEATURES = 2;

let dataset: Dataset;
let other: Dataset;
let known: KnownRows;
let folder = "";
let remove: () => void = () => {};

test.before(async () => {
  await new Promise<void>((ready, failed) => {
    inFolder(async (made) => {
      folder = made;
      const spec = { kind: "lsm", rows: ROWS, features: FEATURES, shardRows: 500 } as const;
      await writeDataset({ ...spec, out: path.join(folder, "data") });
      await writeDataset({ ...spec, out: path.join(folder, "other"), seed: 43 });
      dataset = await openDataset(path.join(folder, "data"));
      other = await openDataset(path.join(folder, "other"));
      known = await knowRows(path.join(folder, "data"), FEATURES);
      await new Promise<void>((done) => {
        remove = done;
        ready();
      });
    })().catch(failed);
  });
});

test.after(() => {
  remove();
});

for (const shuffle of SHUFFLE_MODES) {
  test(`${shuffle}: the last batch of an epoch is smaller, or dropped`, async () => {
    for (const batchSize of [1, 7, 499, 500, 1000, ROWS - 1, ROWS, ROWS + 1, 2 ** 40]) {
      const remainder = ROWS % batchSize;
      for (const dropLast of [false, true]) {
        const options = { batchSize, shuffle, dropLast, epochs: 2 };
        const sizes: number[] = [];
        const numbers: number[][] = [[], []];
        const loader = dataset.batches(options);
        for await (const batch of loader) {
          sizes.push(batch.rows);
          assert.is(batch.x.length, batch.rows * FEATURES);
          assert.is(batch.y.length, batch.rows);
          numbers[batch.epoch]!.push(...known.numbersOf(batch));
        }
        const whole = Math.floor(ROWS / batchSize);
        const epoch = Array.from({ length: whole }, () => batchSize);
        if (remainder > 0 && !dropLast) epoch.push(remainder);
        assert.is(loader.batchesPerEpoch, epoch.length);
        assert.equal(sizes, [...epoch, ...epoch], `batches of ${batchSize}`);
        for (const rows of numbers) {
          assert.is(new Set(rows).size, dropLast ? ROWS - remainder : ROWS);
          assert.is(rows.length, new Set(rows).size);
        }
      }
    }
  });
}

test(
  "one row, and one feature",
  inFolder(async (here) => {
    for (const [rows, features, shardRows] of [
      [1, 1, 1],
      [1, 5, 1],
      [3, 1, 1],
      [1000, 1, 300],
    ] as const) {
      const out = path.join(here, `${rows}-${features}`);
      await writeDataset({ kind: "lsm", out, rows, features, shardRows });
      const small = await openDataset(out);
      const ofSmall = await knowRows(out, features);
      for (const shuffle of SHUFFLE_MODES) {
        for (const memory of [1, 2 ** 28]) {
          const options = { batchSize: 2, shuffle, memory, scratch: here, epochs: 2 };
          const order = (await orderOf(small, ofSmall, options)).flat();
          assert.equal(sorted(order.slice(0, rows)), range(rows));
          assert.equal(sorted(order.slice(rows)), range(rows));
        }
      }
    }
  }),
);

test("no epochs, no batches; and a dataset smaller than a batch that is dropped", async () => {
  for (const options of [
    { batchSize: 10, epochs: 0 },
    { batchSize: ROWS + 1, dropLast: true, epochs: 3 },
  ]) {
    for (const shuffle of SHUFFLE_MODES) {
      assert.equal(await orderOf(dataset, known, { ...options, shuffle }), []);
    }
  }
});

/** All batches from a state on: number, epoch, and rows. */
async function rest(options: BatchOptions): Promise<unknown[]> {
  const batches: unknown[] = [];
  for await (const batch of dataset.batches(options)) {
    batches.push([batch.epoch, batch.index, known.numbersOf(batch)]);
  }
  return batches;
}

test("a loader goes on exactly where another stood, at any batch of any epoch, in every mode", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SHUFFLE_MODES),
      fc.oneof(fc.integer({ min: 40, max: 700 }), fc.integer({ min: 700, max: 3000 })),
      fc.boolean(),
      fc.nat(1000),
      fc.constantFrom(1, 50_000, 2 ** 28),
      fc.constantFrom(1, 50_000, 2 ** 28),
      fc.nat(3),
      async (shuffle, batchSize, dropLast, stop, memory, memoryAfter, epoch) => {
        const scratch = path.join(folder, "scratch");
        const options = { batchSize, shuffle, dropLast, epoch, epochs: 3, seed: stop, scratch };
        const all = await rest({ ...options, memory });
        if (all.length === 0) return;
        const wanted = stop % (all.length + 1);
        const loader = dataset.batches({ ...options, memory });
        const iterator = loader[Symbol.asyncIterator]();
        const before: unknown[] = [];
        for (let count = 0; count < wanted; count++) {
          const { value } = await iterator.next();
          before.push([value.epoch, value.index, known.numbersOf(value)]);
        }
        const state = JSON.parse(JSON.stringify(loader.state())) as LoaderState;
        await iterator.return?.();
        const after = await rest({ ...options, memory: memoryAfter, from: state });
        assert.equal([...before, ...after], all);
      },
    ),
    { seed: 11, numRuns: 60 },
  );
  assert.equal(await namesIn(path.join(folder, "scratch")), []);
});

test("the state counts batches that were handed out, not those that were read ahead", async () => {
  const loader = dataset.batches({ batchSize: 1000, shuffle: "window", seed: 7, epochs: 2 });
  const expected = {
    formatVersion: 1,
    fingerprint: dataset.fingerprint,
    columns: createHash("sha256").update('[["x0","x1"],"y","error"]').digest("hex"),
    seed: 7,
    shuffle: "window",
    batchSize: 1000,
    dropLast: false,
  };
  const states: unknown[] = [loader.state()];
  for await (const batch of loader) {
    assert.ok(batch.rows > 0);
    states.push(loader.state());
  }
  const places = [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
    [2, 0],
  ];
  assert.equal(
    states,
    places.map(([epoch, index]) => ({ ...expected, epoch, index })),
  );
});

function assertRefused(data: Dataset, options: BatchOptions, pattern: RegExp): Promise<void> {
  const open = async (): Promise<unknown> => data.batches(options);
  return assertRejects(open(), "failed", pattern);
}

test("a state of another dataset or of other options is refused, and so is nonsense", async () => {
  const options = { batchSize: 100, shuffle: "window", seed: 1 } as const;
  const from = dataset.batches(options).state();
  await assertRefused(other, { ...options, from }, /another dataset/);
  await assertRefused(dataset, { ...options, seed: 2, from }, /seed 1, not 2/);
  await assertRefused(dataset, { ...options, batchSize: 50, from }, /batchSize 100, not 50/);
  await assertRefused(dataset, { ...options, shuffle: "none", from }, /shuffle window, not none/);
  await assertRefused(dataset, { ...options, dropLast: true, from }, /dropLast false, not true/);
  await assertRefused(
    dataset,
    { ...options, from: { ...from, index: 23 } },
    /batch 23 of an epoch of 23/,
  );
  for (const formatVersion of [0, 2]) {
    const older = { formatVersion, written: "by another version" } as unknown as LoaderState;
    await assertRefused(
      dataset,
      { ...options, from: older },
      new RegExp(`has format version ${formatVersion}, .* continues from 1 only; use the version`),
    );
  }
  for (const change of [
    { formatVersion: "1" },
    { columns: 7 },
    { epoch: -1 },
    { epoch: 0.5 },
    { index: -1 },
    { index: "1" },
    { fingerprint: 7 },
    { shuffle: "sideways" },
  ]) {
    const broken = { ...from, ...change } as unknown as LoaderState;
    await assertRefused(dataset, { ...options, from: broken }, /state cannot be used/);
  }
  for (const nothing of [null, 7, "state", []]) {
    const broken = nothing as unknown as LoaderState;
    await assertRefused(dataset, { ...options, from: broken }, /state cannot be used/);
  }
});

test("every rank gets its slice of every batch, and the state holds for any number of ranks", async () => {
  for (const shuffle of SHUFFLE_MODES) {
    const options = { batchSize: 300, shuffle };
    const whole = await orderOf(dataset, known, options);
    for (const worldSize of [1, 2, 3, 7, 301]) {
      const ranks = [];
      for (const rank of range(worldSize).slice(0, 7)) {
        ranks.push(await orderOf(dataset, known, { ...options, rank, worldSize }));
      }
      assert.ok(ranks.every((order) => order.length === whole.length));
      if (worldSize > 7) continue;
      for (const [index, batch] of whole.entries()) {
        const slices = ranks.map((order) => order[index]!);
        assert.equal(slices.flat(), batch);
        const lengths = slices.map((slice) => slice.length);
        assert.ok(Math.max(...lengths) - Math.min(...lengths) <= 1, "as even as can be");
      }
    }
  }
  // Two ranks stop after three batches; three go on.
  const options = { batchSize: 300, shuffle: "window" } as const;
  const whole = await orderOf(dataset, known, options);
  const loader = dataset.batches({ ...options, rank: 1, worldSize: 2 });
  let seen = 0;
  for await (const batch of loader) {
    assert.ok(batch.rows > 0);
    if (++seen === 3) break;
  }
  const from = loader.state();
  const orders = await Promise.all(
    [0, 1, 2].map((rank) => orderOf(dataset, known, { ...options, rank, worldSize: 3, from })),
  );
  assert.equal(
    whole.slice(3),
    range(5).map((index) => orders.flatMap((order) => order[index]!)),
  );
});

test("recycled batches hold the same values while they may be used", async () => {
  for (const shuffle of SHUFFLE_MODES) {
    for (const batchSize of [100, 333, 1500]) {
      const options = { batchSize, shuffle, epochs: 3 };
      const kept = await orderOf(dataset, known, options);
      const recycled = await orderOf(dataset, known, { ...options, recycle: true });
      assert.equal(recycled, kept);
    }
  }
});

function digestOf({ x, y }: Batch): string {
  return createHash("sha256").update(x).update(y).digest("hex");
}

test(
  "recycled batches that span chunks share arrays, which a consumer may spoil",
  inFolder(async (made) => {
    // Rows so wide that a batch is longer than a chunk.
    const features = 400;
    const [rows, batchSize] = [6011, 2700];
    await writeDataset({ kind: "lsm", rows, features, out: made, shardRows: 1700 });
    const wide = await openDataset(made);
    for (const shuffle of SHUFFLE_MODES) {
      for (const rank of [0, 2]) {
        const options = { batchSize, shuffle, epochs: 3, rank, worldSize: rank + 1 };
        const kept: string[] = [];
        for await (const batch of wide.batches(options)) kept.push(digestOf(batch));
        const recycled: string[] = [];
        const arrays = new Set<ArrayBufferLike>();
        for await (const batch of wide.batches({ ...options, recycle: true })) {
          recycled.push(digestOf(batch));
          if (batch.index < 2) arrays.add(batch.x.buffer);
          batch.x.fill(NaN);
          batch.y.fill(NaN);
        }
        assert.equal(recycled, kept);
        if (shuffle === "none") assert.is(arrays.size, 1);
      }
    }
  }),
);

test("batches that are not recycled are the caller's to keep", async () => {
  for (const shuffle of SHUFFLE_MODES) {
    const batches = [];
    for await (const batch of dataset.batches({ batchSize: 90, shuffle, epochs: 4 })) {
      batches.push({ batch, numbers: known.numbersOf(batch) });
    }
    for (const { batch, numbers } of batches) assert.equal(known.numbersOf(batch), numbers);
  }
});

test("several loaders of one dataset do not disturb each other", async () => {
  const options = SHUFFLE_MODES.map((shuffle) => ({ batchSize: 70, shuffle, epochs: 2 }));
  const alone = [];
  for (const given of options) alone.push(await orderOf(dataset, known, given));
  const together = await Promise.all(options.map((given) => orderOf(dataset, known, given)));
  assert.equal(together, alone);
});

test("a loader is iterated once", async () => {
  const loader = dataset.batches({ batchSize: 1000 });
  for await (const batch of loader) assert.ok(batch);
  assert.throws(() => loader[Symbol.asyncIterator](), /iterated once/);
});

test("the time waited for data is measured", async () => {
  const loader = dataset.batches({ batchSize: 100 });
  assert.is(loader.waitedSeconds(), 0);
  for await (const batch of loader) assert.ok(batch);
  assert.ok(loader.waitedSeconds() > 0 && loader.waitedSeconds() < 60);
});

test("wrong options are usage errors that name the option", async () => {
  const wrong: [Partial<Record<keyof BatchOptions, unknown>>, RegExp][] = [
    [{ batchSize: 0 }, /^batchSize\b/],
    [{ batchSize: 1.5 }, /^batchSize\b/],
    [{ batchSize: NaN }, /^batchSize\b/],
    [{ batchSize: "10" }, /^batchSize\b/],
    [
      { shuffle: "sideways" },
      /^shuffle must be none, shards, window, buffer or global, not "sideways"/,
    ],
    [{ seed: -1 }, /^seed\b/],
    [{ seed: 2 ** 53 }, /^seed\b/],
    [{ epoch: -1 }, /^epoch\b/],
    [{ epoch: 2 ** 21 }, /^epoch\b/],
    [{ epochs: -1 }, /^epochs\b/],
    [{ epochs: 2 ** 21 + 1 }, /^epochs\b/],
    [{ memory: 0 }, /^memory\b/],
    [{ workers: 0 }, /^workers\b/],
    [{ workers: 65 }, /^workers\b/],
    [{ worldSize: 0 }, /^worldSize\b/],
    [{ rank: 2, worldSize: 2 }, /^rank\b/],
    [{ rank: -1 }, /^rank\b/],
  ];
  for (const [change, pattern] of wrong) {
    const options = { batchSize: 10, ...change } as BatchOptions;
    const open = async (): Promise<unknown> => dataset.batches(options);
    const { message } = await open().then(
      () => new Error("Nothing was thrown."),
      (error: unknown) => error as Error,
    );
    assert.match(message, pattern);
    if (!/NaN/.test(message)) await assertRejects(open(), "usage", pattern);
  }
});

test.run();
