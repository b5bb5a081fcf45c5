import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { root, runPage } from "./run-page.js";

test(
  "every command of the README does its work, and its program runs as it stands",
  inFolder(async (folder) => {
    const ran = await runPage("README.md", folder);
    assert.ok(ran.length >= 4);
    for (const { text, output } of ran) assert.ok(output.length > 0, text);
    for (const file of [
      "report.html",
      "experiments/mlp-zoom/report.html",
      "api.html",
      "runs/api/model/model.json",
    ]) {
      assert.ok(existsSync(path.join(folder, file)), file);
    }
    assert.match(ran.at(-1)!.output, "api.html");
  }),
);

test("the two commands of a fresh clone are npm scripts of the package", () => {
  const text = readFileSync(path.join(root, "package.json"), "utf8");
  const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
  assert.is(scripts["demo"], "node dist/bundle/main.js demo");
  assert.ok(scripts["test"]);
});

test.run();
