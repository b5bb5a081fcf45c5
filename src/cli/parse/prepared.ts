import { readFileSync, writeFileSync } from "node:fs";
import { isatty } from "node:tty";
import { packageFile } from "../../common/package-files.js";

/*
 * Texts that the build lays out: the version and every help, at the width that they have where they are not
 * printed to a terminal. Nothing else is imported here, so that they are printed as soon as Node has started.
 */

/** The folder of the texts, which scripts/build-bundle.ts writes: NAME.txt of a command, vadi.txt of all, version.txt. */
const FOLDER = "dist/bundle/help";

/** The width at which help is laid out, and the widest that a terminal gets. */
export const HELP_COLUMNS = 100;

/**
 * Prints the version or a help if that is all that a command line asks for.
 *
 * @returns whether it has; where it cannot, the command line's usual way reports why
 */
export function printPrepared(words: readonly string[]): boolean {
  const file = fileOf(words);
  if (file === undefined || !fitsTerminal()) return false;
  try {
    writeFileSync(1, readFileSync(packageFile(`${FOLDER}/${file}.txt`)));
    return true;
  } catch {
    return false;
  }
}

/** The name of the text that answers a command line. */
function fileOf(words: readonly string[]): string | undefined {
  const [first = "", second] = words;
  if (words.length > 2) return undefined;
  if (second === undefined) {
    if (first === "--version") return "version";
    return ["--help", "-h", "help"].includes(first) ? "vadi" : undefined;
  }
  const name = first === "help" ? second : ["--help", "-h"].includes(second) ? first : "";
  return /^[a-z]+$/.test(name) && name !== "version" ? name : undefined;
}

/** Whether lines of the texts fit standard output, as they do wherever it is no terminal. */
function fitsTerminal(): boolean {
  return !isatty(1) || process.stdout.columns >= HELP_COLUMNS;
}
