import { existsSync } from "node:fs";
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Chance } from "./chance.js";

/** The journal, of which a crash can cut only the end: every line is on disk before the next. */
const JOURNAL = ".progress.jsonl";
/** Without its journal a dataset is begun again, so that other damage would not show. */
const JOURNAL_SHARE = 0.15;
const NEWEST = 4;

async function flipBit(file: string, size: number, chance: Chance): Promise<string> {
  const bytes = await readFile(file);
  const at = chance.whole(0, size - 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.whole(0, 7));
  await writeFile(file, bytes);
  return `bit flipped at ${at} of`;
}

async function cut(file: string, size: number, chance: Chance): Promise<string> {
  const length = chance.whole(0, size - 1);
  await truncate(file, length);
  return `cut to ${length} of ${size} bytes`;
}

/**
 * Does to one of the newest files of an unfinished dataset what a power cut or a bad disk does: cuts
 * it, flips a bit of it, adds to it, or takes it away.
 *
 * @returns what was done, for people; undefined where there is nothing to damage
 */
export async function damageNewest(folder: string, chance: Chance): Promise<string | undefined> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("shard-"));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, ...(await stat(path.join(folder, name))) })),
  );
  const newest = aged
    .filter(({ size }) => size > 0)
    // Names decide between files of the same moment, so that a seed always means the same.
    .toSorted((a, b) => b.mtimeMs - a.mtimeMs || (a.name < b.name ? -1 : 1))
    .slice(0, NEWEST);
  const isJournal = chance.fraction() < JOURNAL_SHARE;
  if (isJournal ? !existsSync(path.join(folder, JOURNAL)) : newest.length === 0) return undefined;
  const name = isJournal ? JOURNAL : chance.one(newest).name;
  const file = path.join(folder, name);
  const { size } = await stat(file);
  if (size === 0) return undefined;
  const how =
    name === JOURNAL ? chance.one(["cut", "add"]) : chance.one(["cut", "flip", "add", "remove"]);
  if (how === "cut") return `${name} ${await cut(file, size, chance)}`;
  if (how === "flip") return `${await flipBit(file, size, chance)} ${name}`;
  if (how === "remove") {
    await rm(file);
    return `${name} removed`;
  }
  await appendFile(file, Buffer.alloc(chance.whole(1, 4096)));
  return `zeros added to ${name}`;
}
