import path from "node:path";
import { shellWord } from "../../common/command-line.js";
import { printable } from "../../common/errors.js";
import { NO_VALUE } from "../../common/text/numbers.js";

/*
 * Results as people and programs read them: aligned facts, tables, and one JSON document.
 */

/** Names and values, one pair a line, the values aligned; indented by two spaces. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd());
}

/** Columns under their headings, numbers aligned to the right; indented by two spaces. */
export function table(names: readonly string[], values: readonly (readonly string[])[]): string[] {
  const headings = names.map(printable);
  const rows = values.map((row) => row.map(printable));
  const columns = headings.map((heading, column) => {
    const cells = rows.map((row) => row[column] ?? "");
    return {
      width: Math.max(heading.length, ...cells.map(({ length }) => length)),
      isNumeric: cells.every(
        (cell) => cell === NO_VALUE || /^[-+]?\d[\d.]*(?:e[-+]?\d+)?[kMGTP]?$/.test(cell),
      ),
    };
  });
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ width, isNumeric }, column) => {
      const cell = cells[column] ?? "";
      return isNumeric ? cell.padStart(width) : cell.padEnd(width);
    });
    return `  ${padded.join("  ")}`.trimEnd();
  };
  return [line(headings), ...rows.map(line)];
}

/** A path as a user would type it: relative if it is below the working folder. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  const below = relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  return below ? relative : file;
}

/** A path for a command line to paste: quoted if necessary, and never mistaken for an option. */
export function pathWord(file: string): string {
  return shellWord(file.startsWith("-") ? `./${file}` : file);
}

/** One JSON document. Typed arrays become lists, NaN and infinities null. */
export function toJson(document: object): string {
  return JSON.stringify(
    document,
    (_key, value: unknown) =>
      ArrayBuffer.isView(value) && !(value instanceof DataView)
        ? Array.from(value as unknown as ArrayLike<number>)
        : value,
    2,
  );
}
