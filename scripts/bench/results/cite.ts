import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { failure, usageError } from "../../../src/common/errors.js";
import { formatCount } from "../../../src/common/text/numbers.js";
import { formatBytes } from "../../../src/common/text/sizes.js";
import { describeMachine } from "../machine.js";
import { PROJECT, readResults, type Concern, type Results } from "./document.js";

/*
 * The figures in the documents: tables between `<!-- figures: CONCERN KIND -->` and `<!-- end of figures -->`, made
 * from one file of results. `<!-- figures: CONCERN KIND | NAME; NAME -->` has only the rows whose names begin so.
 */

const BLOCK = /<!-- figures: (\S+) (\S+)(?: \| (.+))? -->\n[^]*?<!-- end of figures -->/g;

/** As the formatter writes it: the first column to the left, the others to the right. */
function markdownTable(cells: readonly (readonly string[])[]): string[] {
  const rows = cells.map((row) => row.map((cell) => cell.replaceAll("|", String.raw`\|`)));
  const head = rows[0] ?? [];
  const widths = head.map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(" | ")} |`;
  const rule = widths.map((width, at) =>
    at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.slice(1).map(line)];
}

function ratios({ ratios: all }: Concern): string[] {
  return markdownTable([
    ["", "measured", "goal"],
    ...all.map(({ name, value, goal }) => [name, value.toFixed(2), goal]),
  ]);
}

function programs({ measured = [] }: Concern): string[] {
  const hasEpochs = measured.some(({ epoch }) => epoch !== undefined);
  return markdownTable([
    ["", "seconds", ...(hasEpochs ? ["first batch, ms"] : []), "M rows/s", "peak memory"],
    ...measured.map(({ name, rows, seconds, epoch, peakRssBytes }) => {
      const memory = peakRssBytes ?? epoch?.peakRssBytes;
      return [
        name,
        seconds.median.toPrecision(3),
        ...(hasEpochs ? [epoch === undefined ? "" : (1000 * epoch.firstBatch).toFixed(0)] : []),
        rows === 0 ? "" : (rows / (epoch?.seconds ?? seconds.median) / 1e6).toPrecision(3),
        memory === undefined ? "" : formatBytes(memory),
      ];
    }),
  ]);
}

function growth({ series = [] }: Concern): string[] {
  return markdownTable([
    ["", "from", "to", "exponent of time", "memory, from – to"],
    ...series.map(({ stage, variable, unit, points, exponent }) => {
      const [first, last] = [points[0]!, points.at(-1)!];
      const at = ({ value, seconds }: typeof first): string =>
        `${formatCount(value)}: ${seconds.toPrecision(3)} ${unit}`;
      const memory = [first, last].map((point) => formatBytes(point.peakRssBytes)).join(" – ");
      return [`${stage}, ${variable}`, at(first), at(last), exponent.toFixed(2), memory];
    }),
  ]);
}

const KINDS: Readonly<Record<string, (concern: Concern) => string[]>> = {
  ratios,
  programs,
  growth,
};

/** A concern with only the programs and ratios whose names begin with one of `starts`, `;` between them. */
function chosen(concern: Concern, starts: string, file: string): Concern {
  const { concern: name, ratios: all, measured = [] } = concern;
  const prefixes = starts.split("; ");
  for (const prefix of prefixes) {
    if (![...all, ...measured].some((one) => one.name.startsWith(prefix))) {
      throw failure(`${file} has no row '${prefix}' for the figures of '${name}'.`);
    }
  }
  const isChosen = (one: { name: string }): boolean =>
    prefixes.some((prefix) => one.name.startsWith(prefix));
  return { ...concern, ratios: all.filter(isChosen), measured: measured.filter(isChosen) };
}

/** A block of figures, with where it comes from. */
function blockOf(
  name: string,
  kind: string,
  starts: string | undefined,
  file: string,
  results: Results,
): string {
  const found = results.concerns.find((one) => one.concern === name);
  const lines = KINDS[kind];
  if (found === undefined || lines === undefined) {
    throw failure(`${file} has nothing for the figures '${name} ${kind}'.`);
  }
  const concern = starts === undefined ? found : chosen(found, starts, file);
  const command = `npm run bench -- ${name}`;
  const runs = `${concern.runs} run${concern.runs === 1 ? "" : "s"} of each`;
  return [
    `<!-- figures: ${name} ${kind}${starts === undefined ? "" : ` | ${starts}`} -->`,
    "",
    ...lines(concern),
    "",
    `\`${command}\`, ${runs}, ${results.date.slice(0, 10)}: ${describeMachine(concern.machine).join("; ")}.`,
    ...(results.note === undefined ? [] : [results.note]),
    `All numbers: \`${file}\`.`,
    "",
    "<!-- end of figures -->",
  ].join("\n");
}

/** A document with its figures from the results. */
export function withFigures(text: string, file: string, results: Results): string {
  return text.replaceAll(BLOCK, (_, name: string, kind: string, starts: string | undefined) =>
    blockOf(name, kind, starts, file, results),
  );
}

/** README.md and the pages of docs/, relative to the project. */
export async function documents(): Promise<string[]> {
  const pages = await readdir(path.join(PROJECT, "docs"), { recursive: true });
  return [
    "README.md",
    ...pages.filter((page) => page.endsWith(".md")).map((page) => `docs/${page}`),
  ];
}

/**
 * Writes the figures of a file of results into the documents.
 *
 * @param words `bench/results/FILE.json`
 * @returns what is to be printed
 */
export async function benchCite(words: string[]): Promise<string> {
  const { positionals } = parseArgs({ args: words, allowPositionals: true, options: {} });
  const [given] = positionals;
  if (given === undefined) throw usageError("Name the results: npm run bench -- cite FILE.");
  const file = path.relative(PROJECT, path.resolve(given)).split(path.sep).join("/");
  if (!file.startsWith("bench/results/")) throw usageError(`${given} is not in bench/results.`);
  const results = await readResults(path.resolve(given));
  let changed = 0;
  for (const name of await documents()) {
    const document = path.join(PROJECT, name);
    const text = await readFile(document, "utf8");
    const next = withFigures(text, file, results);
    if (next === text) continue;
    await writeFile(document, next);
    changed++;
  }
  return `Figures of ${file} in ${changed} documents.`;
}
