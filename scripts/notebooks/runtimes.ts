import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";

const run = promisify(execFile);

/**
 * Installs the packages that the notebooks name, but for vadi, into `folder/node_modules`, without their scripts. What an
 * earlier run has installed is used again.
 *
 * @throws a failure where the registry does not give them
 */
export async function installRuntimes(
  notebooks: string,
  folder: string,
  note: (sentence: string) => void,
): Promise<void> {
  const files = ["package.json", "observable/package.json"];
  const packages = await Promise.all(files.map((file) => packagesOf(path.join(notebooks, file))));
  const wanted = packages.flat().join(" ");
  const record = path.join(folder, "installed.txt");
  if ((await readFile(record, "utf8").catch(() => "")) === wanted) return;
  note(`Installing ${wanted} in ${folder}.`);
  await writeFile(path.join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const words = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
  try {
    await run("npm", [...words, ...packages.flat()], { cwd: folder });
  } catch (error) {
    throw failure(
      `The notebooks were not run: npm could not install ${wanted} (${messageOf(error)}).`,
    );
  }
  await writeFile(record, wanted);
}

/** `NAME@VERSION` of each dependency of a package.json, without vadi. */
async function packagesOf(file: string): Promise<string[]> {
  const { dependencies } = JSON.parse(await readFile(file, "utf8")) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(dependencies)
    .filter(([name]) => name !== "vadi")
    .map(([name, version]) => `${name}@${version}`);
}
