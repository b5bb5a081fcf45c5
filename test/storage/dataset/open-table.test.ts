import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import { assert, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import { openShard, openTable, verifyDataset, writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects } from "../folders.js";

/* Datasets that come from strangers, or from a broken disk. */

interface Fields {
  [name: string]: unknown;
  shards: Record<string, unknown>[];
}

/** A small dataset and its manifest to change. */
async function makeData(folder: string): Promise<{
  data: string;
  manifest: Fields;
  save: (manifest: unknown) => Promise<void>;
}> {
  const data = path.join(folder, "data");
  await writeDataset({ kind: "lsm", out: data, rows: 300, features: 2, shardRows: 100 });
  const file = path.join(data, "manifest.json");
  const manifest = JSON.parse(await readFile(file, "utf8")) as Fields;
  return {
    data,
    manifest,
    save: (changed) =>
      writeFile(file, typeof changed === "string" ? changed : JSON.stringify(changed)),
  };
}

test(
  "no folder, a file, an empty folder, another folder",
  inFolder(async (folder) => {
    await assertRejects(openDataset(""), "usage", /folder must be given/);
    await assertRejects(openDataset(path.join(folder, "none")), "failed", /no dataset .*none/);
    const file = path.join(folder, "file");
    await writeFile(file, "");
    await assertRejects(
      openDataset(file),
      "failed",
      /file is not a Parquet, Arrow, CSV or JSON file/,
    );
    await assertRejects(openDataset(path.join(file, "x")), "failed", /file\/x/);
    await assertRejects(
      openDataset(folder),
      "failed",
      /is not a dataset, and has no tables \(\.parquet, /,
    );
    await assertRejects(openDataset("a\0b"), "failed", /a.*b/);
  }),
);

test(
  "an unfinished dataset says how to finish it",
  inFolder(async (folder) => {
    await writeFile(path.join(folder, ".progress.jsonl"), "");
    await assertRejects(openDataset(folder), "failed", /not finished.*resume/);
  }),
);

test(
  "a manifest that is a folder, a pipe, no JSON or cut short",
  inFolder(async (folder) => {
    const { data, manifest, save } = await makeData(folder);
    const file = path.join(data, "manifest.json");
    for (const text of ["", "{", "null", "[]", '"x"', JSON.stringify(manifest).slice(0, -9)]) {
      await save(text);
      await assertRejects(
        openDataset(data),
        "failed",
        /manifest\.json is not a dataset's manifest/,
      );
    }
    await rm(file);
    await mkdir(file);
    await assertRejects(openDataset(data), "failed", /manifest\.json is not a plain file/);
    await rm(file, { recursive: true });
    execFileSync("mkfifo", [file]);
    await assertRejects(openDataset(data), "failed", /manifest\.json is not a plain file/);
    await rm(file);
    await symlink("/dev/zero", file);
    await assertRejects(openDataset(data), "failed", /manifest\.json is not a plain file/);
  }),
);

test(
  "no name leads out of the dataset's folder",
  inFolder(async (folder) => {
    const { data, manifest, save } = await makeData(folder);
    const secret = path.join(folder, "secret");
    await cp(path.join(data, "shard-00000.arrow"), secret);
    for (const name of [
      "../secret",
      secret,
      "/etc/passwd",
      "..",
      ".",
      "",
      "a/b",
      "a\\..\\b",
      ".hidden",
      "shard\0",
      "x".repeat(300),
      "shard-00000.arrow\n",
      "C:secret",
      7,
      null,
    ]) {
      const shards = manifest.shards.map((shard, index) =>
        index === 0 ? { ...shard, file: name } : shard,
      );
      await save({ ...manifest, shards });
      await assertRejects(openDataset(data), "failed", /manifest\.json .*shards\.0\.file/);
    }
    await save({
      ...manifest,
      shards: [manifest.shards[0], manifest.shards[0], manifest.shards[1]],
    });
    await assertRejects(openDataset(data), "failed", /names a file twice/);
  }),
);

test(
  "a shard that is a link, a folder or missing",
  inFolder(async (folder) => {
    const { data } = await makeData(folder);
    const shard = path.join(data, "shard-00001.arrow");
    const elsewhere = path.join(folder, "elsewhere");
    await cp(shard, elsewhere);
    await rm(shard);
    await assertRejects(openDataset(data), "failed", /shard-00001\.arrow is missing.*vadi verify/);
    await symlink(elsewhere, shard);
    await assertRejects(openDataset(data), "failed", /shard-00001\.arrow is not a plain file/);
    await rm(shard);
    await mkdir(shard);
    await assertRejects(openDataset(data), "failed", /shard-00001\.arrow is not a plain file/);
    await rm(shard, { recursive: true });
    await writeFile(shard, "short");
    await assertRejects(openDataset(data), "failed", /shard-00001\.arrow has 5 bytes/);
  }),
);

test(
  "absurd numbers are refused at once, whatever they would allocate",
  inFolder(async (folder) => {
    const { data, manifest, save } = await makeData(folder);
    const absurd = [0, -1, 0.5, 4, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 1, 2 ** 53, 1e300, "2", null];
    const changes: Fields[] = absurd.flatMap((value) => [
      { ...manifest, rows: value },
      { ...manifest, features: value },
      { ...manifest, formatVersion: value === 1 ? 2 : value },
      { ...manifest, truth: { w: [value] } },
    ]);
    for (const rows of [101, 10_000, 2 ** 40, 2 ** 52]) {
      for (const format of ["arrow", "parquet"]) {
        const [first, ...others] = manifest.shards;
        changes.push({
          ...manifest,
          format,
          rows: rows + 200,
          shards: [{ ...first!, rows }, ...others],
        });
      }
    }
    for (const changed of changes) {
      await save(changed);
      const before = process.memoryUsage().rss;
      // What is only a little wrong is found when the shard is opened.
      const measure = async (): Promise<unknown> => (await openDataset(data)).statistics();
      await assertRejects(measure(), "failed", /manifest\.json|shard-0/);
      assert.ok(process.memoryUsage().rss - before < 2 ** 27);
    }
  }),
);

/** Any place in a JSON value, as the names that lead to it. */
function placesIn(value: unknown, place: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [place];
  return [
    place,
    ...Object.entries(value).flatMap(([key, part]) => placesIn(part, [...place, key])),
  ];
}

function changeAt(
  value: unknown,
  [name, ...rest]: string[],
  change: (old: unknown) => unknown,
): unknown {
  if (name === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.map((part: unknown, index) =>
      String(index) === name ? changeAt(part, rest, change) : part,
    );
  }
  const entries = Object.entries(value as object).map(([key, part]) => [
    key,
    key === name ? changeAt(part, rest, change) : (part as unknown),
  ]);
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
}

test(
  "a manifest with any change opens rightly or is refused in one sentence",
  inFolder(async (folder) => {
    const { data, manifest, save } = await makeData(folder);
    const places = placesIn(manifest);
    const values = fc.oneof(
      { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
      fc.constantFrom(undefined, null, "", "../x", "arrow", "parquet", "two-layer-sigmoid"),
      fc.constantFrom(0, -1, 1, 3, 1e6, 2 ** 31, 2 ** 53 - 1, 1e308, 0.1, [], {}, "__proto__"),
    );
    const outcomes = { opened: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), values, async (place, value) => {
        const changed = changeAt(manifest, place, () => value);
        await save(JSON.stringify(changed) ?? "");
        try {
          const dataset = await openDataset(data);
          const { rows } = await dataset.statistics();
          assert.is(rows, 300);
          let seen = 0;
          for await (const batch of dataset.batches({ batchSize: 70 })) seen += batch.rows;
          assert.is(seen, 300);
          outcomes.opened++;
        } catch (error) {
          assert.ok(error instanceof VadiError, String(error));
          assert.ok(error.message.includes(data));
          outcomes.refused++;
        }
        try {
          await verifyDataset(data);
        } catch (error) {
          assert.ok(error instanceof VadiError, String(error));
        }
      }),
      { seed: 4, numRuns: 120 },
    );
    assert.ok(outcomes.opened > 0 && outcomes.refused > 50, JSON.stringify(outcomes));
  }),
);

test(
  "a shard with other columns or rows than the manifest says",
  inFolder(async (folder) => {
    for (const format of ["arrow", "parquet"] as const) {
      const out = path.join(folder, format);
      await writeDataset({ kind: "lsm", out, rows: 50, features: 3, format });
      const { shards } = await openTable(out);
      const [shard] = shards;
      assert.ok(shard);
      const fails = (source: object, pattern: RegExp): Promise<void> =>
        assertRejects(openShard({ ...shard, ...source }), "failed", pattern);
      await fails({ features: 2 }, /other columns/);
      await fails({ features: 4 }, /other columns/);
      await fails({ rows: 49 }, /holds 50 rows, but the manifest says 49/);
      await fails({ file: path.join(out, "none") }, /Could not open shard .*none/);
      const other = format === "arrow" ? "parquet" : "arrow";
      await fails({ format: other }, /shard-00000/);
    }
  }),
);

test.run();
