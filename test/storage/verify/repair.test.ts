import { cp, mkdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { verifyDataset, writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects, namesIn, sha256, sumsOf } from "../folders.js";

const KINDS = ["lsm", "two-layer-sigmoid"] as const;
const FILES = [
  { format: "arrow", compression: "none" },
  { format: "parquet", compression: "none" },
  { format: "parquet", compression: "snappy" },
  { format: "parquet", compression: "zstd" },
] as const;

/** The hash of every file of a folder, by name. */
async function hashesOf(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of await namesIn(folder)) {
    hashes[name] = sha256(await readFile(path.join(folder, name)));
  }
  return hashes;
}

async function flipByte(file: string, position: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[position]! ^= 1;
  await writeFile(file, bytes);
}

/** A change of the manifest's text, with checksums that confirm it unless `confirm` is false. */
async function changeManifest(
  folder: string,
  change: (text: string) => string,
  confirm = true,
): Promise<void> {
  const file = path.join(folder, "manifest.json");
  const before = await readFile(file, "utf8");
  const after = change(before);
  assert.is.not(after, before);
  await writeFile(file, after);
  if (!confirm) return;
  const sums = path.join(folder, "SHA256SUMS");
  const text = await readFile(sums, "utf8");
  await writeFile(sums, text.replace(sha256(Buffer.from(before)), sha256(Buffer.from(after))));
}

const spec = { kind: "lsm", rows: 3500, features: 3, shardRows: 1000 } as const;

for (const kind of KINDS) {
  for (const file of FILES) {
    if (kind !== "lsm" && file.compression !== "none") continue;
    test(
      `${kind}, ${file.format} ${file.compression}: what is damaged or missing is as it was`,
      inFolder(async (folder) => {
        const data = path.join(folder, "data");
        await writeDataset({ ...spec, ...file, kind, out: data });
        const before = await hashesOf(data);
        const shard = (index: number): string => `shard-0000${index}.${file.format}`;
        const untouched = await stat(path.join(data, shard(1)));
        await flipByte(path.join(data, shard(0)), 2000);
        await rm(path.join(data, shard(2)));
        await truncate(path.join(data, shard(3)), 100);
        await rm(path.join(data, "SHA256SUMS"));

        const { ok, shards } = await verifyDataset(data, { repair: true });
        assert.ok(ok);
        assert.equal(
          shards.map(({ file: name, status, repaired }) => [name, status, repaired]),
          [
            [shard(0), "damaged", true],
            [shard(1), "ok", undefined],
            [shard(2), "missing", true],
            [shard(3), "damaged", true],
            ["SHA256SUMS", "missing", true],
          ],
        );
        assert.equal(await hashesOf(data), before);
        const after = await stat(path.join(data, shard(1)));
        assert.is(after.ino, untouched.ino);
        assert.is(after.mtimeMs, untouched.mtimeMs);
      }),
    );
  }
}

test(
  "through the dataset; whole, nothing is touched; extra files are reported and stay",
  inFolder(async (folder) => {
    const data = path.join(folder, "data");
    await writeDataset({ ...spec, out: data });
    const dataset = await openDataset(data);
    const whole = await dataset.verify({ repair: true });
    assert.ok(whole.ok);
    assert.ok(whole.shards.every(({ repaired }) => repaired === undefined));

    await writeFile(path.join(data, "shard-00004.arrow"), "extra");
    await writeFile(path.join(data, "notes.txt"), "mine");
    await rm(path.join(data, "shard-00000.arrow"));
    const done: number[] = [];
    const { ok, shards } = await dataset.verify({
      repair: true,
      onProgress: ({ phase, done: bytes }) => phase === "repairing" && done.push(bytes),
    });
    assert.not.ok(ok);
    assert.is(done.length, 1);
    assert.equal(
      shards.filter(({ status }) => status !== "ok").map((one) => [one.file, one.repaired]),
      [
        ["shard-00000.arrow", true],
        ["shard-00004.arrow", undefined],
      ],
    );
    assert.is(await readFile(path.join(data, "shard-00004.arrow"), "utf8"), "extra");
    assert.is(await readFile(path.join(data, "notes.txt"), "utf8"), "mine");
    await rm(path.join(data, "shard-00004.arrow"));
    assert.ok((await dataset.verify()).ok);
  }),
);

test(
  "wrong checksums are restored, of a shard and of the manifest",
  inFolder(async (folder) => {
    const data = path.join(folder, "data");
    await writeDataset({ ...spec, out: data });
    const before = await hashesOf(data);
    const sums = path.join(data, "SHA256SUMS");
    const lines = (await readFile(sums, "utf8")).trimEnd().split("\n");
    for (const [line, reason] of [
      [0, /manifest's/],
      [lines.length - 1, /manifest\.json was wrong/],
    ] as const) {
      const changed = lines.map((text, index) =>
        index === line ? `${text.startsWith("0") ? "1" : "0"}${text.slice(1)}` : text,
      );
      await writeFile(sums, `${changed.join("\n")}\n`);
      const { ok, shards } = await verifyDataset(data, { repair: true });
      assert.ok(ok);
      const [found, ...others] = shards.filter(({ status }) => status !== "ok");
      assert.is(others.length, 0);
      assert.is(found?.file, "SHA256SUMS");
      assert.is(found?.repaired, true);
      assert.match(found?.reason ?? "", reason);
      assert.equal(await hashesOf(data), before);
    }
  }),
);

test(
  "a manifest that has changed is never confirmed, and no shard is made from it",
  inFolder(async (folder) => {
    const original = path.join(folder, "original");
    await writeDataset({ ...spec, out: original });
    const changes: [(text: string) => string, RegExp][] = [
      [(text) => text.replace('"noise": 0.1', '"noise": 0.2'), /has another SHA-256/],
      [(text) => text.replace('"seed": 42', '"seed": 43'), /not as vadi writes it/],
      [(text) => text.replaceAll("  ", "\t"), /not as vadi writes it/],
    ];
    for (const [index, [change, reason]] of changes.entries()) {
      const data = path.join(folder, String(index));
      await cp(original, data, { recursive: true });
      await changeManifest(data, change, false);
      const before = await hashesOf(data);
      const { ok, shards } = await verifyDataset(data, { repair: true });
      assert.not.ok(ok);
      const wrong = shards.filter(({ status }) => status !== "ok");
      assert.equal(
        wrong.map(({ file, repaired }) => [file, repaired]),
        [["manifest.json", undefined]],
      );
      assert.match(wrong[0]?.reason ?? "", reason);
      assert.equal(await hashesOf(data), before);
    }

    // A shard is missing as well, and the checksums confirm the changed manifest.
    const data = path.join(folder, "confirmed");
    await cp(original, data, { recursive: true });
    await changeManifest(data, (text) => text.replace('"noise": 0.1', '"noise": 0.2'));
    await rm(path.join(data, "shard-00001.arrow"));
    const before = await hashesOf(data);
    const { ok, shards } = await verifyDataset(data, { repair: true });
    assert.not.ok(ok);
    assert.match(
      shards[1]?.reason ?? "",
      /no such file; not repaired: .*differs from the manifest's/,
    );
    assert.equal(await hashesOf(data), before);
  }),
);

test(
  "other generators, versions, names and sizes are told, and nothing is touched",
  inFolder(async (folder) => {
    const original = path.join(folder, "original");
    await writeDataset({ ...spec, out: original });
    const changes: [(text: string) => string, RegExp][] = [
      // The version stands in the shards' metadata, so these bytes are another version's.
      [
        (text) => text.replace(/"version": "[^"]+"/, '"version": "0.0.1"'),
        /made by vadi 0\.0\.1, and vadi \d+\.\d+\.\d+ makes other bytes/,
      ],
      [(text) => text.replace('"name": "vadi"', '"name": "iris"'), /made by 'iris'/],
      [(text) => text.replace("shard-00001.arrow", "thesis.tex"), /no shard named 'thesis\.tex'/],
      [
        (text) =>
          text
            .replace('"rows": 3500', '"rows": 1000002500')
            .replace(
              /"rows": 1000,\n(\s+)"bytes": \d+/,
              '"rows": 1000000000,\n$1"bytes": 999999999999',
            ),
        /not make shards of 1000000000 rows/,
      ],
    ];
    for (const [index, [change, reason]] of changes.entries()) {
      const data = path.join(folder, String(index));
      await cp(original, data, { recursive: true });
      await changeManifest(data, change);
      await writeFile(path.join(data, "thesis.tex"), "years of work");
      await flipByte(path.join(data, "shard-00000.arrow"), 2000);
      const before = await hashesOf(data);
      const { ok, shards } = await verifyDataset(data, { repair: true });
      assert.not.ok(ok);
      assert.match(shards[0]?.reason ?? "", reason);
      assert.ok(shards.every(({ repaired }) => repaired === undefined));
      assert.equal(await hashesOf(data), before);
    }
  }),
);

test(
  "datasets of before the manifest told the compression are repaired as well",
  inFolder(async (folder) => {
    const data = path.join(folder, "data");
    await writeDataset({ ...spec, out: data, format: "parquet", compression: "snappy" });
    await changeManifest(data, (text) => text.replace(/ {2}"compression": "\w+",\n/, ""));
    const before = await hashesOf(data);
    await flipByte(path.join(data, "shard-00000.parquet"), 2000);
    await rm(path.join(data, "SHA256SUMS"));
    assert.ok((await verifyDataset(data, { repair: true })).ok);
    assert.equal(await hashesOf(data), before);
  }),
);

test(
  "links are replaced and not written through; a folder in a shard's place stays",
  inFolder(async (folder) => {
    const data = path.join(folder, "data");
    await writeDataset({ ...spec, out: data });
    const sums = await sumsOf(data);
    const elsewhere = path.join(folder, "elsewhere");
    await writeFile(elsewhere, "of another program");
    for (const name of [
      "shard-00000.arrow",
      "shard-00000.arrow.tmp",
      "SHA256SUMS",
      "SHA256SUMS.tmp",
    ]) {
      await rm(path.join(data, name), { force: true });
      await symlink(elsewhere, path.join(data, name));
    }
    await rm(path.join(data, "shard-00002.arrow"));
    await mkdir(path.join(data, "shard-00002.arrow"));
    const { ok, shards } = await verifyDataset(data, { repair: true });
    assert.not.ok(ok);
    assert.is(shards[0]?.repaired, true);
    assert.match(shards[2]?.reason ?? "", /not repaired: a folder has its name/);
    assert.is(await readFile(elsewhere, "utf8"), "of another program");
    assert.is(await sumsOf(data), sums);
    assert.ok((await stat(path.join(data, "shard-00002.arrow"))).isDirectory());
    assert.is((await namesIn(data)).length, 6);
  }),
);

test(
  "an interrupted repair leaves nothing half-done, and a locked folder is left alone",
  inFolder(async (folder) => {
    const data = path.join(folder, "data");
    await writeDataset({ ...spec, out: data });
    for (const index of [0, 1, 2]) await rm(path.join(data, `shard-0000${index}.arrow`));
    const stop = new AbortController();
    await assertRejects(
      verifyDataset(data, {
        repair: true,
        signal: stop.signal,
        onProgress: ({ phase }) => phase === "repairing" && stop.abort(),
      }),
      "interrupted",
      /./,
    );
    const names = await namesIn(data);
    assert.not.ok(names.some((name) => name.endsWith(".tmp") || name === ".lock"));
    assert.ok((await verifyDataset(data)).shards.every(({ status }) => status !== "damaged"));

    await rm(path.join(data, "shard-00003.arrow"));
    await writeFile(path.join(data, ".lock"), `${process.ppid} 0\n`);
    await assertRejects(
      verifyDataset(data, { repair: true }),
      "failed",
      new RegExp(`being written by process ${process.ppid}`),
    );
  }),
);

test.run();
