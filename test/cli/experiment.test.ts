import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { experiments } from "../../src/experiments/index.js";
import { inFolder, vadi } from "./vadi.js";

test("without a name every experiment is listed", async () => {
  const [text, json] = await Promise.all([vadi(["experiment"]), vadi(["experiment", "--json"])]);
  assert.is(text.code, 0, text.stderr);
  const listed = (JSON.parse(json.stdout) as { experiments: { name: string }[] }).experiments;
  assert.equal(
    listed.map(({ name }) => name),
    Object.keys(experiments),
  );
  for (const { name, title } of Object.values(experiments)) {
    assert.match(text.stdout, `  ${name} `);
    assert.match(text.stdout, title);
  }
});

test("an experiment by name, with an option of its own and of its steps", async () => {
  await inFolder(async (cwd) => {
    const words = ["experiment", "closed-form", "--rows", "1_000", "--seed", "7", "--json"];
    const { code, stdout, stderr } = await vadi(words, { cwd });
    assert.is(code, 0, stderr);
    const document = JSON.parse(stdout) as Record<string, unknown>;
    const folder = path.join(cwd, "experiments/closed-form");
    const results = JSON.parse(await readFile(path.join(folder, "results.json"), "utf8")) as {
      options: Record<string, unknown>;
    };
    for (const [name, value] of Object.entries(results)) assert.equal(document[name], value, name);
    assert.is(results.options["rows"], 1000);
    assert.is(results.options["seed"], 7);
    assert.type(document["seconds"], "number");
    assert.type(document["peakRssBytes"], "number");
    assert.ok(existsSync(path.join(folder, "report.html")));
  });
});

test("an option of a step that the experiment does not have is a usage error", async () => {
  await inFolder(async (cwd) => {
    const { code, stdout, stderr } = await vadi(["experiment", "walk", "--rows", "5"], { cwd });
    assert.is(code, 2);
    assert.is(stdout, "");
    assert.match(stderr, /^--rows is not an option of the experiment walk/);
  });
});

test("the report's path is the last thing that is printed", async () => {
  await inFolder(async (cwd) => {
    const { code, stdout } = await vadi(["experiment", "walk", "--out", "w"], { cwd });
    assert.is(code, 0);
    assert.ok(stdout.endsWith(`\nNext: open ${path.join("w", "report.html")} in a browser\n`));
  });
});

test.run();
