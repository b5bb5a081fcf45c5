import { writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { openDataset } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { assertRejects } from "../folders.js";

/* CSV that vadi does not understand: what was seen is named, and what to do; nothing is left out silently. */

test(
  "numbers in another notation are named with an example and its line",
  inFolder(async (folder) => {
    const cases = [
      [
        "a;b;y\n1,5;2,25;3\n2,5;3,25;4\n",
        'Column a .* with decimal commas, such as "1,5" in line 2',
      ],
      [
        'a,y\n"1,234.5",1\n"2,000",2\n',
        'Column a .* commas between thousands, such as "1,234.5" in line 2',
      ],
      [
        "a;y\n1.234,5;1\n12.000,75;2\n",
        'Column a .* points between thousands, such as "1.234,5" in line 2',
      ],
      [
        "a,y\n1 234,1\n".replace(",1\n", ";1\n").replace("a,y", "a;y"),
        "Column a .* thousands set apart",
      ],
      ["a,y\n5%,1\n12.5%,2\n", 'Column a .* with percent signs, such as "5%" in line 2'],
      ["a,y\n$5.10,1\n$12,2\n", "Column a .* with currency signs"],
      ["y,a\n\n3,0x1F\n4,0xFF\n", 'Column a .* with a prefix such as 0x, such as "0x1F" in line 3'],
      ["a;y\n1;2,5\n2;3,5\n", "Column y .* with decimal commas"],
    ] as const;
    for (const [at, [text, pattern]] of cases.entries()) {
      const file = path.join(folder, `${at}.csv`);
      await writeFile(file, text);
      const told = new RegExp(`^${pattern}.*; write them as 1234\\.5, or choose other columns`);
      await assertRejects(openDataset(file), "usage", told);
    }
  }),
);

test(
  "text stays text, and a column in another notation may be left out by name",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    await writeFile(file, 'a,name,"price",y\n1,"Smith, J","1,234.5",2\n3,"Doe, A","2,000",4\n');
    await assertRejects(openDataset(file), "usage", /Column price/);
    const chosen = await openDataset(file, { features: ["a"] });
    assert.equal(chosen.featureNames, ["a"]);
    await assertRejects(openDataset(file, { features: ["price"] }), "usage", /Column price/);
    await writeFile(file, "a,name,date,y\n1,x,2020-01-02,2\n3,y,2020-01-03,4\n");
    const { warnings } = await openDataset(file);
    assert.equal(warnings, ["Left out, as not numeric: name, date."]);
  }),
);

test(
  "other encodings and compressed files say what they are and what to do",
  inFolder(async (folder) => {
    const text = "a,y\n1,2\n3,4\n";
    const file = (name: string): string => path.join(folder, name);
    await writeFile(file("le.csv"), Buffer.from(`\uFEFF${text}`, "utf16le"));
    await writeFile(file("be.csv"), Buffer.from(`\uFEFF${text}`, "utf16le").swap16());
    await writeFile(file("plain.csv"), Buffer.from(text, "utf16le"));
    for (const name of ["le.csv", "be.csv"]) {
      await assertRejects(
        openDataset(file(name)),
        "failed",
        /is UTF-16,.*write it as UTF-8.*iconv/,
      );
    }
    await assertRejects(
      openDataset(file("plain.csv")),
      "failed",
      /has zero bytes, as UTF-16.*UTF-8/,
    );
    await writeFile(file("t.csv.gz"), gzipSync(text));
    await assertRejects(openDataset(file("t.csv.gz")), "failed", /compressed by gzip.*gunzip -k/);
    await writeFile(file("t.csv.zst"), Buffer.from("28b52ffd0458", "hex"));
    await writeFile(
      file("long.csv.zst"),
      Buffer.concat([Buffer.from("28b52ffd", "hex"), Buffer.alloc(20)]),
    );
    await assertRejects(openDataset(file("long.csv.zst")), "failed", /compressed by zstd.*unzstd/);
  }),
);

test(
  "fields may be divided by vertical bars",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    await writeFile(file, "a|b|y\n1|2|3\n4|5|6\n");
    const dataset = await openDataset(file);
    assert.equal(dataset.featureNames, ["a", "b"]);
    assert.equal([...(await dataset.head(2)).y], [3, 6]);
  }),
);

test.run();
