import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { convert, verifyDataset } from "../../../src/index.js";
import type { ConvertOptions } from "../../../src/index.js";
import { mountDisk } from "../../helpers/disk.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, skip, test } from "../../helpers/test.js";
import { runSql } from "../duck.js";
import { assertRejects, namesIn, sumsOf } from "../folders.js";

/** Beyond the rows from which types are found, and beyond the first shard. */
function many(line: string): string {
  return line.repeat(40_000);
}

test(
  "a table that is wrong is one sentence, however late it shows, and nothing is left",
  inFolder(async (folder) => {
    const million = path.join(folder, "million.parquet");
    await runSql(`copy (select 'u' || i as user, i as y from range(1000000) t(i)) to '${million}'`);
    const csv = async (name: string, text: string): Promise<string> => {
      const file = path.join(folder, name);
      await writeFile(file, text);
      return file;
    };
    const cases: readonly (readonly [string, Omit<ConvertOptions, "out">, RegExp])[] = [
      [
        million,
        { categorical: ["user"] },
        /^Column user has more than 100000 different values, too many for categorical;/,
      ],
      [
        await csv("date.csv", `day,y\n${many("2024-01-01,1\n")}2024-13-77,1\n`),
        { dates: ["day"] },
        /^Column day of \S+date\.csv is "2024-13-77", not DATE, in line 40002;/,
      ],
      [
        await csv("text-date.csv", `day,y\n"01/02/2024 at 5",1\n`),
        { dates: ["day"] },
        /^Column day has "01\/02\/2024 at 5", which is no date;/,
      ],
      [
        await csv("gap.csv", `a,y\n${many("1,2\n")},2\n`),
        { shardRows: 1000 },
        /^Column a of \S+gap\.csv is missing .* in row 40001 \(counted from 1\);/,
      ],
      [await csv("twice.csv", "a,b,A,y\n1,2,3,4\n"), {}, /^\S+twice\.csv has two columns a;/],
      [
        million,
        { query: "SELECT user, y FROM source" },
        /^Column user of The query is VARCHAR, which is not numeric;/,
      ],
      [
        million,
        { query: "SELECT y AS a, y * 2 AS A, y FROM source" },
        /^The query has two columns A;/,
      ],
    ];
    const before = await namesIn(folder);
    for (const [file, options, says] of cases) {
      const out = path.join(folder, "out");
      const kind = says.source.includes("The query is") ? "usage" : "failed";
      await assertRejects(convert(file, { ...options, out }), kind, says);
      assert.equal(await namesIn(folder), before);
    }
    const named = await csv("named.csv", "a,a_1,y\n1,2,3\n");
    const { manifest } = await convert(named, { out: path.join(folder, "named") });
    assert.equal(manifest.kind === "table" && manifest.columns.features, ["a", "a_1"]);
  }),
);

test(
  "a file that changes while it is read is one sentence, and nothing is left",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    await writeFile(file, `a,y\n${"1,2\n".repeat(100_000)}`);
    const out = path.join(folder, "out");
    let changed = false;
    const converted = convert(file, {
      out,
      shardRows: 20_000,
      onProgress: ({ phase }) => {
        if (phase === "converting" && !changed) appendFileSync(file, "3,4\n");
        changed ||= phase === "converting";
      },
    });
    await assertRejects(converted, "failed", /t\.csv has changed while it was read; convert it/);
    assert.equal(await namesIn(folder), ["t.csv"]);
  }),
);

test(
  "a disk that fills is one sentence, and the conversion can go on when there is space",
  inFolder(async (folder) => {
    const disk = path.join(folder, "disk");
    await mkdir(disk);
    const unmount = mountDisk(disk, "3m");
    if (unmount === undefined) skip("no disk can be mounted here");
    try {
      const file = path.join(folder, "t.csv");
      await runSql(`copy (select i as a, i as b, i as y from range(400000) t(i)) to '${file}'`);
      const options = { shardRows: 50_000, workers: 2 };
      const out = path.join(disk, "data");
      await assertRejects(
        convert(file, { ...options, out }),
        "failed",
        /^The disk is full: \S+shard-0000\d\.arrow could not be written; .*continue with resume/,
      );
      const left = await namesIn(out);
      assert.not.ok(left.includes("manifest.json"));
      assert.equal(
        left.filter((name) => name.endsWith(".tmp")),
        [],
      );
      execFileSync("mount", ["-o", "remount,size=30m", disk]);
      await convert(file, { ...options, out, resume: true });
      assert.ok((await verifyDataset(out)).ok);
      await convert(file, { ...options, out: path.join(folder, "whole") });
      assert.is(await sumsOf(out), await sumsOf(path.join(folder, "whole")));
    } finally {
      unmount();
    }
  }),
);

test.run();
