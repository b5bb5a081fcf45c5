import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assert, test } from "./helpers/test.js";
import { inFolder } from "./helpers/folder.js";

/*
 * Every command of the README is run, in the order in which it stands there. `npm install` has been
 * run by whoever runs this test; here the package is linked into a folder as an installation would
 * put it there, so that `npx vadi` and `import "vadi"` find it.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(path.join(root, "README.md"), "utf8");
const run = promisify(execFile);

function blocks(language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm");
  return [...readme.matchAll(pattern)].map((match) => match[1] ?? "");
}

async function linkedFolder(folder: string): Promise<void> {
  await mkdir(path.join(folder, "node_modules/.bin"), { recursive: true });
  await symlink(root, path.join(folder, "node_modules/vadi"));
  await symlink(
    path.join(root, "dist/bundle/main.js"),
    path.join(folder, "node_modules/.bin/vadi"),
  );
  await writeFile(path.join(folder, "package.json"), '{ "type": "module", "private": true }\n');
}

test("the two commands of a fresh clone are npm scripts of the package", () => {
  const commands = blocks("sh").flatMap((block) => block.trim().split("\n"));
  const own = commands.filter((command) => !command.startsWith("npx vadi "));
  // Both are what CI and whoever installed the package have run; the demo is run by its own test.
  assert.equal(own, ["npm install && npm run demo", "npm install-test"]);
  const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  assert.is(scripts["demo"], "node dist/bundle/main.js demo");
});

test(
  "every vadi command of the README does its work",
  inFolder(async (folder) => {
    await linkedFolder(folder);
    const commands = blocks("sh")
      .flatMap((block) => block.trim().split("\n"))
      .filter((command) => command.startsWith("npx vadi "));
    assert.ok(commands.length > 10);
    for (const command of commands) {
      const [, , ...words] = command.split(/\s+/);
      const vadi = path.join(folder, "node_modules/.bin/vadi");
      const { stdout } = await run(process.execPath, [vadi, ...words], { cwd: folder });
      assert.ok(stdout.length > 0, command);
    }
    for (const file of ["report.html", "experiments/mlp-zoom/report.html"]) {
      assert.ok(existsSync(path.join(folder, file)), file);
    }
  }),
);

test(
  "the README's program runs as it stands",
  inFolder(async (folder) => {
    await linkedFolder(folder);
    const [program = "", ...others] = blocks("js");
    assert.is(others.length, 0);
    await writeFile(path.join(folder, "program.js"), program);
    const { stdout } = await run(process.execPath, ["program.js"], { cwd: folder });
    assert.ok(existsSync(path.join(folder, "api.html")));
    assert.match(stdout, "api.html");
    assert.ok(existsSync(path.join(folder, "runs/api/model/model.json")));
  }),
);

test("every file that the README links to is there", () => {
  for (const [, link = ""] of readme.matchAll(/\]\(([^)]+)\)/g)) {
    assert.ok(existsSync(path.join(root, link)), link);
  }
});

test.run();
