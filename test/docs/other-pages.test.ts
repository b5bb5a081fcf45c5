import { readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { globSync } from "tinyglobby";
import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { root, runPage } from "./run-page.js";

/** The pages that have tests of their own beside this one, by what those run. */
function pagesOfOthers(): Set<string> {
  const tests = globSync("test/docs/*.test.ts", { cwd: root, absolute: true });
  const found = tests.flatMap((file) => [
    ...readFileSync(file, "utf8").matchAll(/runPage\("([\w./-]+)"/g),
  ]);
  return new Set(found.map(([, page = ""]) => page));
}

test(
  "every command and program of the other pages does its work",
  inFolder(async (folder) => {
    const names = readdirSync(path.join(root, "docs")).filter((name) => name.endsWith(".md"));
    const others = pagesOfOthers();
    const left = [...names.map((name) => `docs/${name}`), "CONTRIBUTING.md"].filter(
      (page) => !others.has(page),
    );
    assert.ok(left.length > 15 && others.size > 5);
    const work = async (): Promise<void> => {
      for (let page = left.pop(); page !== undefined; page = left.pop()) {
        const own = path.join(folder, path.basename(page));
        await mkdir(own);
        await runPage(page, own);
      }
    };
    await Promise.all([work(), work()]);
  }),
);

test.run();
