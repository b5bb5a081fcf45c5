import { createHash } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { openSource } from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { runSql } from "../duck.js";
import { assertRejects } from "../folders.js";
import { rowsOf } from "../rows-of.js";

const NULLS = `select i::integer as a, case when i in (3, 2500) then null else i::double end as b,
  case when i = 7 then 'nan'::double when i = 8 then 1e300 when i = 9 then '-inf'::double else 1 end as c,
  i::float as y from range(4000) t(i)`;

test(
  "invalid values are an error that names file, column and row, or their rows are dropped and counted",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(`copy (${NULLS}) to '${file}' (format parquet, row_group_size 2048)`);
    const cases = [
      [file, "b", "missing \\(null\\) in row 4 \\(counted from 1\\)"],
      [file, "c", "not a number in row 8 \\(counted from 1\\)"],
    ] as const;
    for (const [source, column, where] of cases) {
      const pattern = new RegExp(`^Column ${column} of ${source} is ${where}; drop such rows`);
      await assertRejects(rowsOf(source, { features: [column] }), "failed", pattern);
    }
    for (const source of [file]) {
      const dropped = await rowsOf(source, { invalid: "drop" });
      const kept = Array.from({ length: 4000 }, (_, row) => row).filter(
        (row) => ![3, 7, 8, 9, 2500].includes(row),
      );
      assert.equal(dropped.y, kept);
      assert.equal(
        dropped.x,
        kept.flatMap((row) => [row, row, 1]),
      );
      assert.equal(dropped.warnings, ["5 of 4000 rows have invalid values and were dropped."]);
      // Rows are dropped only for the columns that are read.
      assert.is((await rowsOf(source, { invalid: "drop", features: ["b"] })).y.length, 3998);
      const table = await openSource(source, { invalid: "drop" });
      assert.is(table.manifest.kind === "foreign" && table.manifest.dropped, 5);
    }
  }),
);

test(
  "values too large for float32 are invalid, and the error says so",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(
      `copy (select 3.4028235677973362e38::double as a, 3.4028235677973366e38::double as b, 1 as y) to '${file}'`,
    );
    assert.equal((await rowsOf(file, { features: ["a"] })).x, [3.4028234663852886e38]);
    await assertRejects(rowsOf(file), "failed", /Column b .* too large for float32 in row 1 /);
  }),
);

test(
  "a warning counts the integers that float32 rounds",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(
      `copy (select (16777216 + i)::bigint as a, i * 2 as b, i as y from range(10) t(i)) to '${file}'`,
    );
    const { warnings } = await rowsOf(file);
    assert.equal(warnings, ["Column a has 5 whole numbers that float32 rounds, such as 16777217."]);
  }),
);

test(
  "folders, patterns and lists of files are read in the order of their names",
  inFolder(async (folder) => {
    await mkdir(path.join(folder, "part=1"));
    for (let file = 0; file < 20; file++) {
      const name = path.join(folder, file < 10 ? `f${file}.parquet` : `part=1/f${file}.parquet`);
      await runSql(
        `copy (select ${file} as a, i as y from range(${file === 5 ? 0 : 3}) t(i)) to '${name}'`,
      );
    }
    await writeFile(path.join(folder, "_SUCCESS"), "");
    await writeFile(path.join(folder, ".hidden.parquet"), "no");
    const whole = await rowsOf(folder);
    const files = Array.from({ length: 20 }, (_, file) => file).filter((file) => file !== 5);
    assert.equal(
      whole.x,
      files.flatMap((file) => [file, file, file]),
    );
    assert.equal((await rowsOf(path.join(folder, "f*.parquet"))).x.length, 27);
    assert.equal((await rowsOf(path.join(folder, "**/f1*.parquet"))).x.length, 33);
    const list = [path.join(folder, "f3.parquet"), path.join(folder, "f1.parquet")];
    assert.equal((await rowsOf(list)).x, [3, 3, 3, 1, 1, 1]);
    // The fingerprint is of names below the common folder, sizes and footers, in order.
    const [first, second] = await Promise.all([openSource(list), openSource(list.toReversed())]);
    const hash = createHash("sha256");
    for (const file of list) {
      const bytes = await readFile(file);
      const length = bytes.readUInt32LE(bytes.length - 8);
      const footer = bytes.subarray(bytes.length - 8 - length, bytes.length - 8);
      const sha256 = createHash("sha256").update(footer).digest("hex");
      hash.update(`${JSON.stringify([path.basename(file), bytes.length, sha256])}\n`);
    }
    assert.is(first.fingerprint, hash.digest("hex"));
    assert.is.not(first.fingerprint, second.fingerprint);
    await assertRejects(openSource([list[0]!, list[0]!]), "usage", /is named twice/);
    await assertRejects(openSource(path.join(folder, "g*")), "failed", /^No file matches /);
    await runSql(`copy (select 1 as b, 1 as y) to '${path.join(folder, "g.parquet")}'`);
    await assertRejects(
      openSource(folder),
      "failed",
      /g\.parquet has no column a, which .*f0.parquet has/,
    );
    await symlink("/etc/hostname", path.join(folder, "l.parquet"));
    await assertRejects(openSource(folder), "failed", /l\.parquet is not a plain file/);
  }),
);

test.run();
