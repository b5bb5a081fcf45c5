import { readFileSync } from "node:fs";
import { TUTORIAL, tutorial } from "../../scripts/tutorial.js";
import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { runPage } from "./run-page.js";

test("docs/tutorial.md is what the lessons and the glossary make of it", async () => {
  assert.is(readFileSync(TUTORIAL, "utf8"), await tutorial(), "run: npm run tutorial");
});

test(
  "every command of the tutorial runs, with less data",
  inFolder(async (folder) => {
    const ran = await runPage("docs/tutorial.md", folder);
    assert.ok(ran.length > 20);
  }),
);

test.run();
