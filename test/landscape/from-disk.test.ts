import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";
import { VadiError } from "../../src/common/errors.js";
import { landscape, openLandscape } from "../../src/landscape/index.js";
import { writeDataset } from "../../src/storage/index.js";
import { openDataset } from "../../src/stream/index.js";
import { train } from "../../src/train/index.js";
import { lossAt, worstRelative } from "./numbers.js";

let folder = "";
const at = (name: string) => path.join(folder, name);

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "vadi-landscape-disk-"));
  const common = { kind: "lsm", rows: 2300, features: 4, shardRows: 700 } as const;
  await writeDataset({ ...common, out: at("data"), seed: 1 });
  await writeDataset({ ...common, out: at("other"), seed: 2 });
  const dataset = await openDataset(at("data"));
  for (const model of ["linear", "mlp"]) {
    const options = {
      model,
      batchSize: 500,
      epochs: 2,
      learningRate: 0.01,
      backend: "cpu",
    } as const;
    await train(dataset, { ...options, out: at(model) });
  }
});

test.after(async () => {
  await rm(folder, { recursive: true, force: true });
});

for (const model of ["linear", "mlp"]) {
  test(`the slices of a ${model} run on sharded files are those of the rows in file order`, async () => {
    const made = await landscape(at(model), { points: 7, batches: "all" });
    const { x, y } = await (await openDataset(at("data"))).head(2300);
    const curves = await made.curves();
    assert.equal(
      curves.map(({ batch }) => batch),
      [0, 1, 2, 3, 4],
    );
    const [centre, direction] = [await made.centre(), await made.direction()];
    for (const { batch, losses } of curves) {
      const [from, to] = [batch * 500, Math.min(2300, batch * 500 + 500)];
      const expected = made.record.alphas.map((alpha) =>
        lossAt(centre, direction, alpha, x.subarray(from * 4, to * 4), y.subarray(from, to)),
      );
      assert.ok(worstRelative(losses, expected) < 1e-6);
    }
    assert.is(made.record.rows, 2300);
  });
}

test("listed batches come from where they are", async () => {
  const all = await landscape(at("linear"), {
    points: 3,
    batchSize: 10,
    batches: "all",
    out: at("all"),
  });
  const some = await landscape(at("linear"), {
    points: 3,
    batchSize: 10,
    batches: [229, 3, 140],
    out: at("some"),
  });
  const expected = (await all.curves()).filter(({ batch }) => [3, 140, 229].includes(batch));
  assert.equal(await some.curves(), expected);
});

/** Numbers that are kept of a batch: of an MLP its losses at seven points, of the linear model six means. */
const KEPT = [
  ["mlp", 7],
  ["linear", 6],
] as const;

for (const [model, width] of KEPT) {
  test(`a landscape of ${model}, killed again and again, damaged and resumed, ends with the bytes of one that was not`, async () => {
    const options = { points: 7, batches: "all", batchSize: 100 } as const;
    const whole = await landscape(at(model), { ...options, out: at(`unbroken-${model}`) });
    const killed = at(`killed-${model}`);
    const child = fileURLToPath(new URL("landscape-child.js", import.meta.url));
    for (const after of ["3", "7"]) {
      const { signal } = spawnSync(process.execPath, [child, at(model), killed, after]);
      assert.is(signal, "SIGKILL");
      const error = await openLandscape(killed).catch((reason: unknown) => reason);
      assert.instance(error, VadiError, "nothing half-written looks whole");
    }
    const record = (width + 2) * 8;
    const log = path.join(killed, ".partial", "losses.bin");
    assert.is((await stat(log)).size, 10 * record);
    // The ninth record is damaged, and a part of an eleventh was still written.
    const bytes = await readFile(log);
    bytes[8 * record + 20]! ^= 1;
    await writeFile(log, Buffer.concat([bytes, Buffer.from("half a record")]));
    const seen: number[] = [];
    const resumed = await landscape(at(model), {
      ...options,
      out: killed,
      resume: true,
      onProgress: ({ done }) => seen.push(done),
    });
    assert.is(seen[0], 9, "eight batches were kept");
    assert.is(seen.length, 15);
    for (const file of ["slices.parquet", "summary.parquet", "directions/1/weights.bin"]) {
      const [one, other] = await Promise.all(
        [whole.dir, resumed.dir].map((dir) => readFile(path.join(dir, file))),
      );
      assert.ok(one!.equals(other!), file);
    }
    assert.equal(await readdir(resumed.dir), await readdir(whole.dir));
  });
}

test("another dataset where the run's was is refused, unless it is asked for by name", async () => {
  await rename(at("data"), at("moved"));
  const missing = await landscape(at("linear"), { out: at("none") }).catch(
    (error: unknown) => error,
  );
  assert.ok(missing instanceof VadiError && missing.message.includes("dataset"));
  await rename(at("other"), at("data"));
  const other = await landscape(at("linear"), { out: at("none") }).catch((error: unknown) => error);
  assert.ok(other instanceof VadiError && other.kind === "failed");
  assert.match(other.message, /fingerprint differs.*dataset/);
  const asked = await landscape(at("linear"), {
    dataset: at("data"),
    out: at("asked"),
    batches: 1,
  });
  assert.is(asked.record.dataset.fingerprint, (await openDataset(at("data"))).fingerprint);
  const moved = await landscape(at("linear"), {
    dataset: at("moved"),
    out: at("back"),
    batches: 1,
  });
  assert.is(moved.record.batches.length, 1);
});

test.run();
