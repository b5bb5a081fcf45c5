import path from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import * as aq from "arquero";
import { RecordBatchReader, tableFromIPC, type Table } from "apache-arrow";
import { createDataset, openDataset } from "../../src/index.js";
import type { Dataset } from "../../src/index.js";
import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { runSql } from "../storage/duck.js";
import { sumsOf } from "../storage/folders.js";

const ROWS = 1000;

function trip(row: number): Record<"km" | "card" | "fare", number> {
  return { km: (row % 100) / 8, card: row % 2, fare: 3 + (row % 100) / 4 };
}

const trips = Array.from({ length: ROWS }, (_, row) => trip(row));

function makeTrips(folder: string): Promise<Dataset> {
  const out = path.join(folder, "trips");
  return createDataset(trips, { out, target: "fare", shardRows: 300 });
}

test(
  "a dataset's rows are objects, and Arrow batches of which a dataset can be made again",
  inFolder(async (folder) => {
    const dataset = await makeTrips(folder);
    const records: object[] = [];
    for await (const record of dataset.records({ batchSize: 70 })) records.push(record);
    assert.equal(records, trips);
    const few: object[] = [];
    for await (const record of dataset.records({ rows: 5 })) few.push(record);
    assert.equal(few, trips.slice(0, 5));

    const out = path.join(folder, "copy");
    await createDataset(dataset.toArrow({ batchSize: 128 }), {
      out,
      target: "fare",
      shardRows: 300,
    });
    assert.is(await sumsOf(out), await sumsOf(dataset.path));
  }),
);

test(
  "columns of a foreign table keep their types in Arrow, 64-bit integers every digit",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(
      `copy (select 9007199254740993 + i as id, (i / 3)::double as a, i::utinyint as b, i::float as y from range(100) r(i)) to '${file}'`,
    );
    const dataset = await openDataset(file);
    const table = await dataset.toArrow().table();
    assert.equal(
      table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`),
      ["id Int64", "a Float64", "b Uint8", "y Float32"],
    );
    assert.is(table.get(99)!["id"], 9007199254740993n + 99n);
    assert.is(table.get(2)!["a"], 2 / 3);
    const parts: Uint8Array[] = [];
    for await (const part of dataset.toArrow({ batchSize: 30 }).bytes()) parts.push(part);
    const read = tableFromIPC(parts);
    assert.is(read.batches.length, 4);
    assert.equal(read.toArray().map(String), table.toArray().map(String));
    const reader = await RecordBatchReader.from(dataset.toArrow().bytes());
    assert.is((await reader.open()).schema.fields.length, 4);
  }),
);

test(
  "Arquero takes a dataset as an Arrow table, as bytes and as objects",
  inFolder(async (folder) => {
    const dataset = await makeTrips(folder);
    const parts: Uint8Array[] = [];
    for await (const part of dataset.toArrow().bytes()) parts.push(part);
    const records: object[] = [];
    for await (const record of dataset.records()) records.push(record);
    const table = (await dataset.toArrow().table()) as Table;
    for (const one of [
      aq.fromArrow(table as unknown as Parameters<typeof aq.fromArrow>[0]),
      aq.fromArrow(Buffer.concat(parts)),
      aq.from(records),
    ]) {
      const sums = one
        .groupby("card")
        .rollup({ n: aq.op.count(), fare: aq.op.sum("fare") })
        .orderby("card")
        .objects();
      // Sums of 3 + k/4 over the even k below 100, and the odd ones.
      assert.equal(sums, [
        { card: 0, n: 500, fare: 500 * (3 + 49 / 4) },
        { card: 1, n: 500, fare: 500 * (3 + 50 / 4) },
      ]);
    }
  }),
);

test(
  "model.fitDataset of TensorFlow.js trains on a dataset as on its rows in float64",
  inFolder(async (folder) => {
    const dataset = await makeTrips(folder);
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    const model = sequential({
      layers: [layers.dense({ units: 1, inputShape: [2], kernelInitializer: "zeros" })],
    });
    model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
    const data = dataset.tfData(tf, { batchSize: 300 });
    assert.is(data.size, 4);
    const validation = dataset.tfData(tf, { batchSize: 1000 });
    const before = tf.memory().numTensors;
    const { history } = await model.fitDataset(data, {
      epochs: 3,
      validationData: validation,
      verbose: 0,
    });
    const w = [0, 0, 0];
    const errorOf = ({ km, card, fare }: (typeof trips)[0]): number =>
      w[0]! * km + w[1]! * card + w[2]! - fare;
    const losses: number[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      for (let first = 0; first < ROWS; first += 300) {
        const batch = trips.slice(first, first + 300);
        const gradient = [0, 0, 0];
        for (const row of batch) {
          const slope = (2 * errorOf(row)) / batch.length;
          [row.km, row.card, 1].forEach((value, at) => (gradient[at]! += slope * value));
        }
        gradient.forEach((slope, at) => (w[at]! -= 0.01 * slope));
      }
      losses.push(trips.reduce((sum, row) => sum + errorOf(row) ** 2, 0) / ROWS);
    }
    const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
    weights.forEach((weight, at) => assert.ok(Math.abs(weight - w[at]!) < 1e-5, `${weights} ${w}`));
    (history["val_loss"] as number[]).forEach((loss, epoch) =>
      assert.ok(Math.abs(loss - losses[epoch]!) < 1e-4 * losses[epoch]!),
    );
    // What fitDataset keeps for itself: the optimizer's learning rate.
    assert.ok(tf.memory().numTensors - before <= 2, `${tf.memory().numTensors - before} tensors`);
  }),
);

test(
  "each iterator of tfData shuffles anew, as the epochs of one loader do",
  inFolder(async (folder) => {
    const dataset = await makeTrips(folder);
    const options = { batchSize: 400, shuffle: "global", seed: 7 } as const;
    const asArrays = { tensor2d: (values: Float32Array) => [...values] };
    const wanted: number[][] = [];
    for await (const { y } of dataset.batches({ ...options, epochs: 4 })) wanted.push([...y]);
    const data = dataset.tfData(asArrays, { ...options, epochs: 2 });
    assert.is(data.size, 6);
    const found: number[][] = [];
    // As fitDataset does, one iterator is not used.
    await data.iterator();
    for (let pass = 0; pass < 2; pass++) {
      const iterator = await data.iterator();
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        found.push(next.value.ys);
      }
    }
    assert.equal(found, wanted);
    assert.not.equal(found[0], found[3]);
  }),
);

test.run();
