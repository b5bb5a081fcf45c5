import { writeFile } from "node:fs/promises";
import path from "node:path";
import { commandsOf, makeShapes, SHAPES } from "../../scripts/tables/shapes.js";
import { vadi } from "../cli/vadi.js";
import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { runSql } from "../storage/duck.js";
import { runPage } from "./run-page.js";

/** A word as docs/tables.md writes it. */
function quoted(word: string): string {
  return /[^\w./,#=-]/.test(word) ? `"${word}"` : word;
}

test(
  "docs/tables.md: each shape of table goes from its file to R² on new rows by three commands",
  inFolder(async (folder) => {
    // DuckDB finds types otherwise beyond 2048 rows.
    await makeShapes(folder, 3000);
    const [known, trips] = ["taxi-known.parquet", "trips.csv"].map((name) =>
      path.join(folder, name),
    );
    await runSql(`COPY (FROM '${known}') TO '${trips}' (HEADER)`);
    const ran = await runPage("docs/tables.md", folder);
    for (const shape of SHAPES) {
      const commands = commandsOf(shape).map((words) => `npx vadi ${words.map(quoted).join(" ")}`);
      const found = ran.find(({ text }) => text === `${commands.join("\n")}\n`);
      assert.ok(found, `docs/tables.md lacks: ${commands.join("\n")}`);
      const rSquared = Number(/^ *R² +(\S+)/m.exec(found.output)?.[1]);
      assert.ok(rSquared > shape.rSquared && rSquared < 1, `${shape.name}: ${rSquared}`);
    }
    await assertNewFile(path.join(folder, "runs/energy"), folder);
  }),
);

/** A file so short that its decimal commas cannot be found is read as the first one was. */
async function assertNewFile(run: string, folder: string): Promise<void> {
  await writeFile(path.join(folder, "one.csv"), "temperatur;einwohner\n7,5;2.500\n");
  const words = ["predict", run, "one.csv", "--out", "one", "--format", "parquet", "--json"];
  const { code, stdout, stderr } = await vadi(words, { cwd: folder });
  assert.is(code, 0, stderr);
  const { file } = JSON.parse(stdout) as { file: string };
  const [row] = await runSql(`SELECT * FROM '${path.resolve(folder, file)}'`);
  assert.equal([row?.["temperatur"], row?.["einwohner"]], [7.5, 2500]);
  assert.ok(Math.abs(Number(row?.["prediction"]) - (0.004 * 2500 - 0.3 * 7.5)) < 0.5);
}

test.run();
