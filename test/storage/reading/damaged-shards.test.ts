import { readFileSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import { assert, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import { openShard, openTable, verifyDataset, writeDataset } from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";

const ROWS = 700;
const FEATURES = 3;

/** Every shard stands in pieces here: data in front, and behind it the footer. */
const FILES = [
  { format: "arrow", compression: "none" },
  { format: "parquet", compression: "none" },
  { format: "parquet", compression: "snappy" },
  { format: "parquet", compression: "zstd" },
] as const;

for (const { format, compression } of FILES) {
  test(
    `any damage to a shard (${format}, ${compression}) ends in a sentence that names it, or in rows`,
    inFolder(async (folder) => {
      const out = path.join(folder, "data");
      const spec = {
        kind: "lsm",
        out,
        rows: ROWS,
        features: FEATURES,
        format,
        compression,
      } as const;
      await writeDataset(spec);
      const [first] = (await openTable(out)).shards;
      assert.ok(first);
      // Without what the file was when it was opened: the damage is to be found in the bytes.
      const { version, ...shard } = first;
      assert.match(version ?? "", /^\d/);
      const whole = readFileSync(shard.file);
      const outcomes = { read: 0, refused: 0 };

      /** Reads all rows of a damaged copy. */
      const read = async (bytes: Uint8Array): Promise<void> => {
        writeFileSync(shard.file, bytes);
        const before = process.memoryUsage().rss;
        const started = performance.now();
        const target = {
          x: new Float32Array(ROWS * FEATURES),
          y: new Float32Array(ROWS),
        };
        try {
          const reader = await openShard(shard);
          try {
            await reader.read(0, ROWS, target, 0);
          } finally {
            reader.close();
          }
          outcomes.read++;
        } catch (error) {
          assert.ok(error instanceof VadiError, error instanceof Error ? error.stack : "");
          assert.ok(error.message.includes(shard.file), error.message);
          outcomes.refused++;
        }
        assert.ok(performance.now() - started < 5000, "it takes too long");
        assert.ok(process.memoryUsage().rss - before < 2 ** 27, "it takes too much memory");
      };

      // Mostly where it hurts: in the headers in front and in the footer.
      const size = whole.length;
      const position = fc.oneof(
        fc.integer({ min: Math.max(0, size - 1500), max: size - 1 }),
        fc.integer({ min: size - 60, max: size - 1 }),
        fc.integer({ min: 0, max: Math.min(700, size - 1) }),
        fc.nat(size - 1),
      );
      const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));
      const changes = fc.array(fc.tuple(position, byte), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(changes, async (places) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, value] of places) bytes[at] = value;
          await read(bytes);
        }),
        { seed: 5, numRuns: 1200 },
      );
      // Every byte of the footer once, with its highest bit and its lowest.
      for (let at = Math.max(0, size - 900); at < size; at++) {
        for (const bit of [0x80, 1]) {
          const bytes = Uint8Array.from(whole);
          bytes[at]! ^= bit;
          await read(bytes);
        }
      }
      await fc.assert(
        fc.asyncProperty(fc.nat(size - 1), async (length) => {
          await read(whole.subarray(0, length));
        }),
        { seed: 6, numRuns: 100 },
      );
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
          await read(bytes);
        }),
        { seed: 7, numRuns: 100 },
      );
      assert.ok(outcomes.read > 100 && outcomes.refused > 100, JSON.stringify(outcomes));
    }),
  );
}

test(
  "verification finds every single changed byte",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 50, features: 2 });
    const file = path.join(out, "shard-00000.arrow");
    const whole = readFileSync(file);
    await cp(file, path.join(folder, "whole"));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const bytes = Uint8Array.from(whole);
          bytes[at]! ^= change;
          writeFileSync(file, bytes);
          const { ok, shards } = await verifyDataset(out);
          assert.is(ok, false);
          assert.is(shards[0]!.status, "damaged");
        },
      ),
      { seed: 8, numRuns: 8 },
    );
  }),
);

test.run();
