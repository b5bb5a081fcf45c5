import { writeFile } from "node:fs/promises";
import path from "node:path";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { assertRejects } from "../folders.js";
import { rowsOf } from "../rows-of.js";

test(
  "CSV: quoted fields with delimiters, quotes and lines, CRLF, a byte order mark, semicolons",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    const text = '\ufeffa;"the; y";note\r\n1;2;"x;\r\n""q"""\r\n\r\n" 3 ";4e-1;\r\n-.5;+1.25E2;z';
    await writeFile(file, text);
    const { x, y, features } = await rowsOf(file, { target: "the; y" });
    assert.equal(features, ["a"]);
    assert.equal(x, [1, 3, -0.5]);
    assert.equal(y, [2, Math.fround(0.4), 125]);
    // A text where a number is wanted: the line in which its record starts.
    await writeFile(file, 'a,y\n"1",2\n"3\n",4\n0x10,5\n');
    await assertRejects(rowsOf(file), "failed", /Column a .* "0x10", not a number in line 5;/);
    await writeFile(file, "a,y\n1,2\n1,2,3\n");
    await assertRejects(rowsOf(file), "failed", /has 3 fields in line 3, but its header has 2/);
    await writeFile(file, 'a,y\n1,2\n"1,2\n');
    await assertRejects(rowsOf(file), "failed", /ends within a quoted field that starts in line 3/);
    await writeFile(file, "1,2\n3,4\n");
    await assertRejects(rowsOf(file), "failed", /has no header line/);
    await writeFile(file, "");
    await assertRejects(rowsOf(file), "failed", /is empty; a CSV file needs a header line/);
  }),
);

test(
  "a large CSV file is divided into pieces of complete records, and errors give the line in the file",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    const lines = Array.from({ length: 120_000 }, (_, row) => `${row},"a ""b""\n",${row % 9}`);
    await writeFile(file, `a,note,y\n${lines.join("\n")}\n`);
    const { x, y } = await rowsOf(file, { features: ["a"] });
    assert.is(
      x.findIndex((value, row) => value !== row),
      -1,
    );
    assert.is(y.length, 120_000);
    lines[100_000] = "oops,b,1";
    await writeFile(file, `a,note,y\n${lines.join("\n")}\n`);
    const pattern = /Column a .* is "oops", not a number in line 200002;/;
    await assertRejects(rowsOf(file, { features: ["a"] }), "failed", pattern);
  }),
);

test.run();
