import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { commandsOf, makeShapes, SHAPES, type Shape } from "../../scripts/tables/shapes.js";
import { inFolder, vadi } from "../cli/vadi.js";
import { assert, test } from "../helpers/test.js";
import { runSql } from "../storage/duck.js";

/** A word as docs/tables.md writes it. */
function quoted(word: string): string {
  return /[^\w./,#=-]/.test(word) ? `"${word}"` : word;
}

test("each shape of table goes from its file to R² on new rows by the three commands of the docs", () =>
  inFolder(async (folder) => {
    const docs = fileURLToPath(new URL("../../../docs/tables.md", import.meta.url));
    const text = await readFile(docs, "utf8");
    // DuckDB finds types otherwise beyond 2048 rows.
    await makeShapes(folder, 3000);
    const check = async (shape: Shape): Promise<void> => {
      let told = "";
      for (const words of commandsOf(shape)) {
        const command = `npx vadi ${words.map(quoted).join(" ")}`;
        assert.ok(text.includes(command), `docs/tables.md lacks: ${command}`);
        const { code, stdout, stderr } = await vadi([...words, "--json"], { cwd: folder });
        assert.is(code, 0, `${command}: ${stderr}`);
        told = stdout;
      }
      const { rSquared } = JSON.parse(told) as { rSquared: number };
      assert.ok(rSquared > shape.rSquared && rSquared < 1, `${shape.name}: ${rSquared}`);
    };
    const [even, odd] = [0, 1].map((rest) => SHAPES.filter((_, at) => at % 2 === rest));
    await Promise.all(
      [even!, odd!].map(async (half) => {
        for (const shape of half) await check(shape);
      }),
    );
    await assertNewFile(path.join(folder, "runs/energy"), folder);
  }));

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
