import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { checkWritten } from "../../../src/storage/dataset/check-written.js";
import { writeShardFile } from "../../../src/storage/dataset/shard-file.js";
import { GENERATOR } from "../../../src/storage/dataset/write-manifest.js";
import { prepareCompression } from "../../../src/storage/format/compression.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { assertRejects } from "../folders.js";

/* What is wrong on the disk, or with a compressor, is found before a shard counts as written. */

const FEATURES = 2;
const ROWS = 100;
const columns = { features: ["a", "b"], target: "y" };
const x = Float32Array.from({ length: ROWS * FEATURES }, (_, index) => index / 3);
const y = Float32Array.from({ length: ROWS }, (_, index) => -index);

for (const [format, compression] of [
  ["arrow", "none"],
  ["parquet", "none"],
  ["parquet", "snappy"],
  ["parquet", "zstd"],
] as const) {
  test(
    `${format}, compression ${compression}: a changed bit is found`,
    inFolder(async (folder) => {
      const file = path.join(folder, `shard.${format}`);
      await prepareCompression(compression);
      const check = checkWritten(file, format, compression, FEATURES);
      const spec = { kind: "table", features: FEATURES, columns } as const;
      const description = { spec, firstRow: 0, rows: ROWS, generator: GENERATOR };
      const entry = await writeShardFile(file, format, compression, description, async (append) => {
        check.add({ x, y });
        await append(x, y, ROWS);
      });
      await check.finish(entry);
      const bytes = await readFile(file);
      // In the last values of the target.
      const at = bytes.indexOf(Buffer.from(y.buffer).subarray(-8)) + 2;
      assert.ok(compression !== "none" || at > 2);
      const place = compression === "none" ? at : Math.floor(bytes.length / 8);
      bytes[place] = bytes[place]! ^ 1;
      await writeFile(file, bytes);
      await assertRejects(check.finish(entry), "failed", /shard/);
    }),
  );
}

test.run();
