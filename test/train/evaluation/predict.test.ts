import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import {
  evaluate,
  generate,
  listRuns,
  openDataset,
  predict,
  train,
  VadiError,
  writePredictions,
} from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";

test(
  "evaluations and predictions are those of float64, with and without standardisation",
  inFolder(async (folder) => {
    const dataset = await generate({ kind: "lsm", out: path.join(folder, "data"), rows: 3000 });
    const { x, y, rows } = await dataset.head(3000);
    for (const standardize of [false, true]) {
      const run = await train(dataset, {
        out: path.join(folder, `run ${standardize}`),
        standardize,
        optimizer: "adam",
        learningRate: 0.05,
        batchSize: 500,
        epochs: 5,
      });
      const { record } = run;
      const weights = record.result!.weights!;
      const columns = record.standardize?.features ?? weights.map(() => ({ mean: 0, scale: 1 }));
      const target = record.standardize?.target ?? { mean: 0, scale: 1 };
      const expected = Array.from({ length: rows }, (_, row) => {
        let sum = 0;
        for (const [at, weight] of weights.entries()) {
          sum += (weight * (x[row * 10 + at]! - columns[at]!.mean)) / columns[at]!.scale;
        }
        return sum * target.scale + target.mean;
      });
      const found: number[] = [];
      for await (const part of predict(run, dataset)) found.push(...part);
      assert.is(found.length, rows);
      for (const [row, value] of expected.entries()) {
        assert.ok(Math.abs(found[row]! - value) < 1e-4, `row ${row}`);
      }
      const mean = y.reduce((sum, value) => sum + value, 0) / rows;
      let squares = 0;
      let deviations = 0;
      for (const [row, value] of expected.entries()) {
        squares += (value - y[row]!) ** 2;
        deviations += (y[row]! - mean) ** 2;
      }
      const { loss, rSquared } = await evaluate(run);
      assert.ok(Math.abs(loss - squares / rows) < 1e-5 * loss);
      assert.ok(Math.abs(rSquared! - (1 - squares / deviations)) < 1e-5);

      for (const format of ["arrow", "parquet"] as const) {
        const out = path.join(folder, `${format} ${standardize}`);
        const { file } = await writePredictions(run, dataset, { out, format });
        const written = await openDataset(file, { target: "prediction" });
        assert.equal(written.featureNames, [...dataset.featureNames, "y"]);
        const head = await written.head(rows);
        assert.equal(head.y, Float32Array.from(found));
        assert.equal(head.x.slice(0, 11), Float32Array.from([...x.subarray(0, 10), y[0]!]));
        const again = await writePredictions(run, dataset, { out, format }).catch(String);
        assert.match(String(again), /holds predictions\..* already/);
        assert.equal(await readdir(out), [path.basename(file)]);
      }
    }
  }),
);

test(
  "runs are found below a folder, damaged ones too",
  inFolder(async (folder) => {
    const dataset = await generate({ kind: "lsm", out: path.join(folder, "data"), rows: 100 });
    const { dir } = await train(dataset, { out: path.join(folder, "a", "b", "run") });
    await mkdir(path.join(folder, "bad"));
    await writeFile(path.join(folder, "bad", "run.json"), "{");
    await cp(dir, path.join(folder, "node_modules", "run"), { recursive: true });
    const found = await listRuns(folder);
    assert.equal(
      found.map((one) => [one.dir, one.run?.record.status]),
      [
        [dir, "done"],
        [path.join(folder, "bad"), undefined],
      ],
    );
    assert.equal(
      found.map(({ status }) => status),
      ["done", "damaged"],
    );
    // A run whose process is gone does not go on, whatever its record says.
    const record = path.join(dir, "run.json");
    await writeFile(record, (await readFile(record, "utf8")).replace('"done"', '"running"'));
    assert.is((await listRuns(dir))[0]!.status, "killed");
    await writeFile(path.join(dir, ".lock"), `${process.ppid} 0\n`);
    assert.is((await listRuns(dir))[0]!.status, "running");
    const error = await listRuns(path.join(folder, "absent")).catch((thrown: unknown) => thrown);
    assert.instance(error, VadiError);
  }),
);

test(
  "a dataset of other features is refused",
  inFolder(async (folder) => {
    const dataset = await generate({ kind: "lsm", out: path.join(folder, "a"), rows: 100 });
    const other = await generate({
      kind: "lsm",
      out: path.join(folder, "b"),
      rows: 100,
      features: 3,
    });
    const run = await train(dataset, { out: path.join(folder, "run") });
    const error = await evaluate(run, other).catch((thrown: unknown) => thrown);
    assert.match(String(error), /takes 10 features, but .* has 3; choose them with features/);
  }),
);

test.run();
