import {
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { openWheel, unpackWheel } from "../../src/backend/install/wheel.js";
import { openPredictor } from "../../src/train/evaluation/evaluate.js";
import {
  certify,
  landscape,
  openCertificate,
  openDataset,
  openForRun,
  openLandscape,
  openRun,
  report,
  train,
  verifyDataset,
  writeDataset,
  writePredictions,
} from "../../src/index.js";
import { assert, test } from "../helpers/test.js";
import { messageOf } from "../helpers/message-of.js";
import { zipOf } from "../helpers/zip.js";

/*
 * Folders and archives from a stranger: nothing outside them is read or written, and nothing is asked of a network.
 */

const folder = await mkdtemp(path.join(tmpdir(), "vadi-test-"));
test.after(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]): string => path.join(folder, ...names);

const PATHS = [
  "../secret",
  "/etc/passwd",
  "a/../../secret",
  "..\\secret",
  "%2e%2e/secret",
  "a\0b",
  ".",
];

await writeDataset({ kind: "lsm", rows: 60, features: 2, shardRows: 30, out: at("data") });
const run = await train(await openDataset(at("data")), {
  out: at("run"),
  model: "mlp:3",
  batchSize: 20,
});
await landscape(run, { points: 3, batches: 1, out: at("landscape") });
await certify(run, { out: at("certificate") });
await writeFile(at("secret"), Buffer.alloc(4 * 13));

/** A copy of a folder with one JSON file changed. */
// `any`, since each case damages another part of the parsed file.
// oxlint-disable-next-line typescript/no-explicit-any
async function changed(name: string, file: string, change: (json: any) => void): Promise<string> {
  const copy = at(`changed-${name}`);
  await rm(copy, { recursive: true, force: true });
  await cp(at(name), copy, { recursive: true });
  const json: unknown = JSON.parse(await readFile(path.join(copy, file), "utf8"));
  change(json);
  // A stranger leaves them out, or makes them anew.
  await rm(path.join(copy, "SHA256SUMS"), { force: true });
  await writeFile(path.join(copy, file), JSON.stringify(json));
  return copy;
}

/** A copy of a folder with one file moved out of it, and a link in its place. */
async function linked(name: string, file: string): Promise<string> {
  const copy = at(`linked-${name}`);
  await rm(copy, { recursive: true, force: true });
  await cp(at(name), copy, { recursive: true });
  const moved = at("moved");
  await rm(moved, { recursive: true, force: true });
  await rename(path.join(copy, file), moved);
  await symlink(moved, path.join(copy, file));
  await rm(path.join(copy, "SHA256SUMS"), { force: true });
  return copy;
}

test("names of files in a manifest, a model and a landscape stay in the folder", async () => {
  for (const name of PATHS) {
    const data = await changed("data", "manifest.json", (json) => (json.shards[1].file = name));
    assert.match(await messageOf(openDataset(data)), /shards\.1\.file: must be a plain file name/);
    assert.match(await messageOf(verifyDataset(data)), /shards\.1\.file/);
    const model = await changed("run", "model/model.json", (json) => {
      json.weightsManifest[0].paths = [name];
    });
    assert.match(await messageOf((await openRun(model)).network()), /must be a file beside it/);
    const slices = await changed("landscape", "landscape.json", (json) => {
      json.directions = [name];
    });
    assert.match(await messageOf(openLandscape(slices)), /must be directions\/1/);
  }
});

test("links out of a folder are not followed", async () => {
  const outside = /outside|not a plain file/;
  assert.match(await messageOf(openDataset(await linked("data", "shard-00001.arrow"))), outside);
  const { ok, shards } = await verifyDataset(at("linked-data"));
  assert.is(ok, false);
  assert.match(shards.map(({ reason }) => reason).join(), /not a plain file/);
  for (const file of ["model/weights.bin", "model"]) {
    const dir = await linked("run", file);
    if (file === "model") {
      // The user's own name for a folder: what is in it must stay in it.
      assert.ok(await (await openRun(dir)).network());
    } else assert.match(await messageOf((await openRun(dir)).network()), outside);
  }
  for (const file of [
    "centre",
    "centre/weights.bin",
    "directions",
    "directions/1",
    "slices.parquet",
  ]) {
    const dir = await linked("landscape", file);
    assert.match(
      await messageOf(
        (async () => {
          const opened = await openLandscape(dir);
          await opened.axes();
        })(),
      ),
      outside,
      file,
    );
    // A report does not look at the models.
    if (file === "centre/weights.bin") continue;
    assert.match(await messageOf(report([dir], { out: at("r.html") })), outside, file);
  }
  assert.match(
    await messageOf(openCertificate(await linked("certificate", "kinks.parquet"))),
    outside,
  );
  // A link to a file of the same folder is no way out.
  const own = at("own");
  await cp(at("run", "model"), own, { recursive: true });
  await rename(path.join(own, "weights.bin"), path.join(own, "other.bin"));
  await symlink("other.bin", path.join(own, "weights.bin"));
  await mkdir(at("own-run"));
  await cp(at("run"), at("own-run"), { recursive: true });
  await rm(at("own-run", "model"), { recursive: true });
  await rm(at("own-run", "SHA256SUMS"));
  await rename(own, at("own-run", "model"));
  assert.equal(await (await openRun(at("own-run"))).network(), await run.network());
});

const record = (name: string): Record<string, string> => ({
  [name]: "text",
  "tensorflow-2.21.0.dist-info/METADATA": "Name: tensorflow\nVersion: 2.21.0\n",
  "tensorflow-2.21.0.dist-info/WHEEL": "Tag: cp311-cp311-manylinux_2_27_x86_64\n",
  "tensorflow-2.21.0.dist-info/RECORD": "",
});

test("an archive writes nothing outside its folder", async () => {
  for (const name of [
    "tensorflow/include/tensorflow/c/../../../../../evil.h",
    "/tensorflow/include/tensorflow/c/evil.h",
    "tensorflow/include/tensorflow/c/..\\..\\evil.h",
    "C:/tensorflow/include/tensorflow/c/evil.h",
  ]) {
    const file = at("wheel.whl");
    await writeFile(file, zipOf(record(name)));
    const unpacked = at("unpacked");
    await mkdir(unpacked, { recursive: true });
    const message = await messageOf(
      (async () => {
        const wheel = await openWheel(file);
        try {
          await unpackWheel(wheel, unpacked, {});
        } finally {
          wheel.zip.close();
        }
      })(),
    );
    assert.match(message, /is not a wheel, or damaged|holds no libtensorflow/);
    assert.equal(await readdir(unpacked), [], name);
    assert.ok(!existsSync(at("evil.h")) && !existsSync(path.join(tmpdir(), "evil.h")));
  }
});

test("a report of a run asks no address that the run names, and writes one file", async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  for (const address of [`https://127.0.0.1:${port}/data`, "s3://bucket/data"]) {
    const dir = await changed("run", "run.json", (json) => (json.dataset.path = address));
    const before = await readdir(folder);
    await report([dir], { out: at("asked.html"), force: true });
    assert.equal(
      (await readdir(folder)).filter((name) => !before.includes(name)).length <= 1,
      true,
    );
  }
  assert.is(asked, 0);
  server.close();
  // Other files where the run says that its dataset is.
  for (const place of ["/dev/zero", "/etc/passwd", "/proc/self/mem"]) {
    const dir = await changed("run", "run.json", (json) => (json.dataset.path = place));
    await report([dir], { out: at("other.html"), force: true });
    assert.not.match(await readFile(at("other.html"), "utf8"), "root:x:");
  }
});

test("predictions read the rows and the model alone, and write one file", async () => {
  const before = await readdir(at("run"), { recursive: true });
  const data = await openDataset(at("data"));
  await writePredictions(at("run"), data, { out: at("predicted") });
  assert.equal(await readdir(at("predicted")), ["predictions.parquet"]);
  assert.equal(await readdir(at("run"), { recursive: true }), before);
  // The dataset that the run names is not opened.
  const dir = await changed("run", "run.json", (json) => (json.dataset.path = "/dev/zero"));
  const predictor = await openPredictor(dir, data, {});
  predictor.dispose();
});

const column = (name: string): object => ({ name, type: "BIGINT" });

const prepared = (query: string): Promise<string> =>
  changed("run", "run.json", (json) => {
    json.dataset.preparation = {
      query,
      columns: [column("x0"), column("x1"), column("y")],
      outputs: { features: ["x0", "x1"], target: "y" },
    };
  });

test("a run's query reads no file but those that are given, and writes none", async () => {
  const csv = at("rows.csv");
  await writeFile(csv, "x0,x1,y\n1,2,3\n4,5,6\n");
  await writeFile(at("other.csv"), "x0,x1,y\n7,8,9\n");
  const good = await openForRun(await prepared("SELECT * FROM source"), csv);
  assert.is(good.dataset.rows, 2);
  await good.close();
  for (const query of [
    `SELECT * FROM read_csv('${at("other.csv")}')`,
    `SELECT x0, x1, (SELECT count(*) FROM read_text('/etc/passwd')) AS y FROM source`,
    `SELECT * FROM '${at("other.csv")}'`,
    `SELECT * FROM glob('/etc/*')`,
    `COPY (SELECT * FROM source) TO '${at("written.csv")}'`,
    `SELECT * FROM source; COPY (SELECT 1) TO '${at("written.csv")}'`,
    `ATTACH '${at("written.db")}'`,
    `INSTALL httpfs`,
    `SET enable_external_access = true`,
    `SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')`,
  ]) {
    await messageOf(openForRun(await prepared(query), csv));
    assert.ok(!existsSync(at("written.csv")) && !existsSync(at("written.db")), query);
  }
});

test.run();
