import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { TUTORIAL, tutorial } from "../../scripts/tutorial.js";
import { assert, test } from "../helpers/test.js";

test("docs/tutorial.md is what the lessons and the glossary make of it", async () => {
  assert.is(readFileSync(TUTORIAL, "utf8"), await tutorial(), "run: npm run tutorial");
});

test("every page that the tutorial links to is there", async () => {
  for (const [, link = ""] of (await tutorial()).matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
    assert.ok(existsSync(path.join(path.dirname(TUTORIAL), link)), link);
  }
});

test.run();
