import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  openDataset,
  openLandscape,
  openRun,
  train,
  landscape,
  writeDataset,
} from "../../src/index.js";
import { assert, test } from "../helpers/test.js";
import { messageOf } from "../helpers/message-of.js";

/*
 * Counts that no file of such a size can hold. Footers are in test/storage/parquet/damaged-pages.test.ts, and all
 * kinds of files in test/scripts/fuzz.test.ts.
 */

const folder = await mkdtemp(path.join(tmpdir(), "vadi-test-"));
test.after(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]): string => path.join(folder, ...names);

await writeDataset({ kind: "lsm", rows: 60, features: 2, out: at("arrow") });
await writeDataset({
  kind: "lsm",
  rows: 60,
  features: 2,
  out: at("parquet"),
  format: "parquet",
  compression: "zstd",
});
const run = await train(await openDataset(at("arrow")), {
  out: at("run"),
  model: "linear",
  batchSize: 20,
});
await landscape(run, { points: 3, batches: 1, out: at("landscape") });

/** Changes numbers in a file of a copy, opens it, and looks at the memory. */
async function refused(
  name: string,
  file: string,
  from: string | RegExp,
  to: string,
  open: (dir: string) => Promise<unknown>,
): Promise<void> {
  const copy = at("copy");
  await rm(copy, { recursive: true, force: true });
  await cp(at(name), copy, { recursive: true });
  const text = await readFile(path.join(copy, file), "utf8");
  const changed = text.replaceAll(from, to);
  assert.is.not(changed, text, `${file} has no ${String(from)}`);
  await writeFile(path.join(copy, file), changed);
  // A stranger leaves them out.
  await rm(path.join(copy, "SHA256SUMS"), { force: true });
  const before = process.resourceUsage().maxRSS;
  const started = performance.now();
  await messageOf(open(copy));
  assert.ok(process.resourceUsage().maxRSS - before < 64 * 1024, `${file} ${to} takes memory`);
  assert.ok(performance.now() - started < 5000, `${file} ${to} takes long`);
}

for (const name of ["arrow", "parquet"]) {
  test(`a manifest of ${name} files with counts that they cannot hold`, async () => {
    const manifest = "manifest.json";
    for (const rows of ["1152921504606846976", "1000000000000", "9007199254740991"]) {
      await refused(name, manifest, /"rows": 60/g, `"rows": ${rows}`, openDataset);
    }
    await refused(name, manifest, '"features": 2', '"features": 1000000000', openDataset);
    await refused(name, manifest, /"bytes": \d+/g, '"bytes": 1152921504606846976', openDataset);
  });
}

const network = async (dir: string): Promise<unknown> => (await openRun(dir)).network();

const curves = async (dir: string): Promise<unknown> => (await openLandscape(dir)).curves();

test("models, runs and landscapes with counts that their files cannot hold", async () => {
  await refused(
    "run",
    "model/model.json",
    '"shape":[2,1]',
    '"shape":[1073741824,1073741824]',
    network,
  );
  await refused("run", "model/model.json", '"units":1', '"units":1000000000', network);
  await refused("landscape", "landscape.json", /"batchSize": \d+/g, '"batchSize": 1e30', curves);
  await refused("landscape", "landscape.json", /"alphas": \[/g, '"alphas": [5, ', curves);
});

test.run();
