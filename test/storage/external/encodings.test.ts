import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { convert, describeTable, openDataset } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { messageOf } from "../../helpers/message-of.js";
import { assert, test } from "../../helpers/test.js";

const ROWS = ["şehir,größe,y", "Ankara,1.5,10", "Köln,2.5,20", "Köln,3.5,30"];

test(
  "Latin-1 and UTF-16 are found; their names and categories are those of UTF-8",
  inFolder(async (folder) => {
    const text = `${ROWS.join("\n").replace("ş", "s")}\n`;
    for (const [name, bytes, note] of [
      ["utf8", Buffer.from(text, "utf8"), undefined],
      ["latin1", Buffer.from(text, "latin1"), "encoding=latin-1"],
      ["utf16", Buffer.from(`\uFEFF${text}`, "utf16le"), "encoding=utf-16"],
    ] as const) {
      const file = path.join(folder, `${name}.csv`);
      await writeFile(file, bytes);
      const out = path.join(folder, name);
      const { warnings } = await convert(file, { out, target: "y", categorical: ["sehir"] });
      assert.is(
        warnings.some((warning) => note !== undefined && warning.includes(note)),
        note !== undefined,
        warnings.join(" "),
      );
      const dataset = await openDataset(out);
      assert.equal(dataset.featureNames, ["sehir_Köln", "sehir_Ankara", "sehir_other", "größe"]);
      const { x, y } = await dataset.head(3);
      assert.equal([...y], [10, 20, 30]);
      assert.equal([...x], [0, 1, 0, 1.5, 1, 0, 0, 2.5, 1, 0, 0, 3.5]);
    }
  }),
);

test(
  "an SQLite database without its extension is a sentence that says what to do",
  inFolder(async (folder) => {
    const file = path.join(folder, "shop.sqlite");
    await writeFile(file, Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(4080)]));
    const out = path.join(folder, "data");
    for (const work of [
      () => convert(`${file}#orders`, { out, target: "y" }),
      () => describeTable(`${file}#orders`),
    ]) {
      assert.match(
        await messageOf(work()),
        /^\S+shop\.sqlite is an SQLite database, .* install it once with INSTALL sqlite in DuckDB, or export the table as CSV/,
      );
    }
    assert.not.ok(existsSync(out));
  }),
);

test.run();
