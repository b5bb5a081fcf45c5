import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Chance } from "./chance.js";

/** The files below a folder, in the order of their names. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name !== ".lock")
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

/** Cuts a file of a folder, flips a bit of it, or removes it. Returns what was done; undefined where there is none. */
export async function damageOne(folder: string, chance: Chance): Promise<string | undefined> {
  const files = await filesIn(folder);
  if (files.length === 0) return undefined;
  const file = chance.one(files);
  const name = path.relative(folder, file);
  const bytes = await readFile(file);
  // Without its checksums a result is taken as it is, as if its files had been changed on purpose.
  const isSums =
    path.basename(file) === "SHA256SUMS" &&
    !files.includes(path.join(path.dirname(file), "manifest.json"));
  const how = chance.one(isSums ? ["cut", "flip"] : ["cut", "flip", "flip", "remove"]);
  if (how === "remove" || bytes.length === 0) {
    await rm(file);
    return `removed ${name}`;
  }
  if (how === "cut") {
    const length = chance.whole(0, bytes.length - 1);
    await writeFile(file, bytes.subarray(0, length));
    return `cut ${name} to ${length} bytes`;
  }
  const at = chance.whole(0, bytes.length - 1);
  bytes[at] = bytes[at]! ^ (1 << chance.whole(0, 7));
  await writeFile(file, bytes);
  return `flipped a bit of ${name} at ${at}`;
}

/** A file's name without its number. */
function kindOf(file: string): string {
  return path.basename(file).replace(/\d+/g, "");
}

/** Exchanges two files of a folder that have the same kind of name. Returns which; undefined where there are none. */
export async function swapTwo(folder: string, chance: Chance): Promise<string | undefined> {
  const files = await filesIn(folder);
  const paired = files.filter((one) =>
    files.some((other) => other !== one && kindOf(other) === kindOf(one)),
  );
  if (paired.length === 0) return undefined;
  const one = chance.one(paired);
  const other = chance.one(files.filter((file) => file !== one && kindOf(file) === kindOf(one)));
  const aside = `${one}.aside`;
  await rename(one, aside);
  await rename(other, one);
  await rename(aside, other);
  return `exchanged ${path.relative(folder, one)} and ${path.relative(folder, other)}`;
}
