import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeVector, Table as ArrowTable, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { assert, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import { openShard, openSource } from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";
import { runSql } from "../duck.js";
import { assertRejects } from "../folders.js";

/** An Arrow file of pyarrow: a = i % 7, float64, and y = i % 3, int16, 3000 rows, LZ4 frames. */
const LZ4 = [
  "QVJST1cxAAD/////qAAAABAAAAAAAAoADAAGAAUACAAKAAAAAAEEAAwAAAAIAAgAAAAEAAgAAAAEAAAAAgAAAEwAAA",
  "AEAAAAzP///wAAAQIQAAAAHAAAAAQAAAAAAAAAAQAAAHkAAAAIAAwACAAHAAgAAAAAAAABEAAAABAAFAAIAAYABwAM",
  "AAAAEAAQAAAAAAABAxAAAAAYAAAABAAAAAAAAAABAAAAYQAGAAgABgAGAAAAAAACAP/////IAAAAFAAAAAAAAAAMAB",
  "gABgAFAAgADAAMAAAAAAMEABwAAADgAAAAAAAAAAAAAAAMABwAEAAEAAgADAAMAAAAaAAAABwAAAAUAAAAuAsAAAAA",
  "AAAAAAAABAAEAAQAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAngAAAAAAAACgAAAAAAAAAAAAAAAAAAAAoA",
  "AAAAAAAAA+AAAAAAAAAAAAAAACAAAAuAsAAAAAAAAAAAAAAAAAALgLAAAAAAAAAAAAAAAAAADAXQAAAAAAAAQiTRhg",
  "QIKHAAAAGQABACPwPw8AEkAIABMICAATEAgAExQIABMYCAAEAgAPOAD///////////////////////////////////",
  "////////////////////////////////////////////////////////////////////////////////////////+/",
  "UAAAAAhAAAAAAAAAcBcAAAAAAAAEIk0YYECCJwAAAG8AAAEAAgAGAP//////////////////////////////aVAAAQ",
  "ACAAAAAAAAAP////8AAAAAEAAAAAwAFAAGAAgADAAQAAwAAAAAAAQANAAAACQAAAAEAAAAAQAAALgAAAAAAAAA0AAA",
  "AAAAAADgAAAAAAAAAAAAAAAIAAgAAAAEAAgAAAAEAAAAAgAAAEwAAAAEAAAAzP///wAAAQIQAAAAHAAAAAQAAAAAAA",
  "AAAQAAAHkAAAAIAAwACAAHAAgAAAAAAAABEAAAABAAFAAIAAYABwAMAAAAEAAQAAAAAAABAxAAAAAYAAAABAAAAAAA",
  "AAABAAAAYQAGAAgABgAGAAAAAAACANAAAABBUlJPVzE=",
].join("");

/** Reads a file as a table, up to 5000 rows. */
async function readTable(file: string): Promise<number> {
  const { rows, features, shards } = await openSource(file);
  // What a damaged file claims is not allocated before it has been read.
  const capacity = Math.min(rows, 5000);
  const target = { x: new Float32Array(capacity * features), y: new Float32Array(capacity) };
  for (const shard of shards) {
    const reader = await openShard(shard);
    try {
      await reader.read(0, Math.min(reader.rows, capacity), target, 0);
    } finally {
      reader.close();
    }
  }
  return rows;
}

test(
  "LZ4 frames, as pyarrow compresses Arrow files by default",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.arrow");
    await writeFile(file, Buffer.from(LZ4, "base64"));
    const { shards } = await openSource(file);
    const reader = await openShard(shards[0]!);
    const target = { x: new Float32Array(3000), y: new Float32Array(3000) };
    await reader.read(0, 3000, target, 0);
    reader.close();
    assert.equal(
      [...target.x],
      Array.from({ length: 3000 }, (_, row) => row % 7),
    );
    assert.equal(
      [...target.y],
      Array.from({ length: 3000 }, (_, row) => row % 3),
    );
  }),
);

const change = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  value: fc.oneof(fc.constantFrom(0, 1, 127, 128, 254, 255), fc.nat(255)),
});
const damage = fc.record({
  changes: fc.array(change, { maxLength: 6 }),
  /** Bytes are cut out at a place, or the end is cut off. */
  cut: fc.option(fc.record({ from: fc.nat(2000), bytes: fc.nat(64) }), { freq: 4 }),
  /** The footer is what is trusted most, so most damage goes there. */
  atEnd: fc.boolean(),
});

for (const kind of ["snappy.parquet", "zstd.parquet", "plain.arrow", "lz4.arrow"]) {
  test(
    `a damaged ${kind} ends in a sentence, never in a crash, a hang or a huge allocation`,
    inFolder(async (folder) => {
      const file = path.join(folder, kind);
      const rows =
        "select i % 11 as a, case when i % 5 = 1 then null else i * 1.5 end as b, 'n' || i as s, i / 2 as y from range(60) t(i)";
      if (kind.endsWith("parquet")) {
        const [codec] = kind.split(".");
        await runSql(`copy (${rows}) to '${file}' (compression ${codec})`);
      } else if (kind === "lz4.arrow") await writeFile(file, Buffer.from(LZ4, "base64"));
      else {
        const table = new ArrowTable({
          a: makeVector(new Float64Array(60)),
          y: makeVector(new Int32Array(60)),
        });
        await writeFile(file, tableToIPC(table, "file"));
      }
      const whole = await readFile(file);
      let failed = 0;
      await fc.assert(
        fc.asyncProperty(damage, async ({ changes, cut, atEnd }) => {
          const bytes = Buffer.from(whole);
          const last = Math.min(bytes.length, atEnd ? 600 : bytes.length);
          for (const { place, value } of changes) {
            bytes[bytes.length - last + Math.floor(place * last)] = value;
          }
          const from = cut === null ? 0 : cut.from % bytes.length;
          const left =
            cut === null
              ? bytes
              : Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + cut.bytes)]);
          await writeFile(file, left);
          try {
            await readTable(file);
          } catch (error) {
            if (!(error instanceof VadiError)) throw error;
            assert.match(error.message, /^[^\n]{10,1000}$/);
            failed++;
          }
        }),
        { numRuns: 100, seed: 17 },
      );
      assert.ok(failed > 25, `only ${failed} of 100 were refused`);
    }),
  );
}

test(
  "errors about damaged zstd pages name the column and the row group",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    const rows = "select (i * 7919) % 1000 / 4 as a, i % 13 as y from range(4000) t(i)";
    await runSql(`copy (${rows}) to '${file}' (compression zstd)`);
    const whole = await readFile(file);
    const footer = whole.readUInt32LE(whole.length - 8);
    let damaged = 0;
    for (let place = 64; place < whole.length - footer - 8; place += 7) {
      const bytes = Buffer.from(whole);
      bytes[place]! ^= 1 << (place % 8);
      await writeFile(file, bytes);
      const message = await readTable(file).then(
        () => "",
        (error: unknown) => (error instanceof VadiError ? error.message : `no sentence: ${error}`),
      );
      // Not all damage can be noticed, and some leaves values that are none.
      assert.match(
        message,
        /^(Could not read column [ay] in row group 0 of .*t\.parquet: .*\.|Column [ay] of .*\.)?$/,
      );
      if (message.endsWith("its zstd data is damaged.")) damaged++;
    }
    assert.ok(damaged > 30, `${damaged} were found`);
    // A frame that claims another size than its page.
    const frame = whole.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
    const bytes = Buffer.from(whole);
    bytes[frame + 6]! ^= 0x40;
    await writeFile(file, bytes);
    await assertRejects(readTable(file), "failed", /a zstd frame holds \d+ bytes instead of \d+/);
  }),
);

test(
  "files that are not tables are refused with a reason",
  inFolder(async (folder) => {
    const file = (name: string): string => path.join(folder, name);
    await writeFile(file("t.parquet"), "PAR1 and then nothing");
    await assertRejects(openSource(file("t.parquet")), "failed", /is not a complete Parquet file/);
    await writeFile(file("e.parquet"), "PARE....PARE....PARE");
    await assertRejects(openSource(file("e.parquet")), "failed", /is encrypted Parquet/);
    await writeFile(file("t.arrow"), "ARROW1  and then nothing");
    await assertRejects(openSource(file("t.arrow")), "failed", /is not a complete Arrow file/);
    await writeFile(file("f.feather"), "FEA1    and more");
    await assertRejects(openSource(file("f.feather")), "failed", /Feather version 1/);
    await writeFile(file("s.arrow"), "no table of Arrow");
    await assertRejects(openSource(file("s.arrow")), "failed", /is not a readable Arrow file/);
    await writeFile(file("t.txt"), "a,y\n1,2\n");
    const direct =
      /t\.txt is CSV, which must be converted first: run vadi convert \S+t\.txt target COLUMN/;
    await assertRejects(openSource(file("t.txt")), "failed", direct);
    await writeFile(file("t.bin"), "a,y\n1,2\n");
    await assertRejects(
      openSource(file("t.bin")),
      "failed",
      /is not a Parquet, Arrow, CSV or JSON/,
    );
  }),
);

test.run();
