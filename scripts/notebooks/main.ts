import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { messageOf } from "../../src/common/errors.js";
import { runJupyter } from "./jupyter.js";
import { runObservable } from "./observable.js";
import { installRuntimes } from "./runtimes.js";

/*
 * `npm run notebooks` runs what is in notebooks/ as a reader would: the Jupyter notebook by Deno's kernel, all cells from
 * the first to the last, and the Observable Framework page, which is built and opened in Chromium. Deno and Framework
 * come from npm, what runs a notebook from PyPI; the first run installs them in `--folder .bench`. vadi is that of this
 * project.
 */

const project = fileURLToPath(new URL("../../..", import.meta.url));

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { folder: { type: "string", default: ".bench" } } });
  const notebooks = path.join(project, "notebooks");
  const folder = path.resolve(values.folder, "notebooks");
  await mkdir(folder, { recursive: true });
  await installRuntimes(notebooks, folder, note);
  // Node looks for packages in the folders above: there are those that have just been installed, and vadi.
  await rm(path.join(folder, "node_modules/vadi"), { force: true, recursive: true });
  await symlink(project, path.join(folder, "node_modules/vadi"));
  const work = await mkdtemp(path.join(folder, "work-"));
  try {
    await cp(notebooks, work, {
      recursive: true,
      filter: (file) => !file.includes("node_modules"),
    });
    process.stdout.write(`${await runJupyter(work, folder, note)}\n`);
    process.stdout.write(`${await runObservable(path.join(work, "observable"), folder)}\n`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function note(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
