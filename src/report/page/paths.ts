import { homedir } from "node:os";
import path from "node:path";
import { shellWord } from "../../common/command-line.js";
import type { Cell, ReportSection } from "../figures/figure.js";

/*
 * Paths as a report shows them. Its figures and commands know absolute paths, which would tell every reader about the
 * machine that made it and be wrong on any other.
 */

/**
 * A path seen from a report's folder. Where the two have nothing in common but the root or the home folder, or the
 * folder is unknown, the path's last two names.
 *
 * @param folder absolute; undefined if the report is not written to a file
 * @param file absolute, or already relative, which is returned as it is
 */
export function pathFrom(folder: string | undefined, file: string): string {
  if (!path.isAbsolute(file)) return file;
  const short = file.split(path.sep).filter(Boolean).slice(-2).join("/");
  if (folder === undefined) return short;
  const relative = path.relative(folder, file);
  if (path.isAbsolute(relative)) return short;
  const up = relative.split(path.sep).filter((name) => name === "..").length;
  const shared = path.resolve(folder, ...Array<string>(up).fill(".."));
  const isShared = shared !== path.parse(shared).root && !holds(shared, homedir());
  if (up > 0 && !isShared) return short;
  return relative === "" ? "." : relative.split(path.sep).join("/");
}

/** Whether a folder is another one or contains it. */
function holds(folder: string, other: string): boolean {
  const relative = path.relative(folder, other);
  return !relative.startsWith("..") && !path.isAbsolute(relative);
}

/** A command line whose paths are seen from a report's folder, in which it runs as printed. */
export function commandFrom(folder: string | undefined, command: string): string {
  return command.replaceAll(/'(?:[^']|'\\'')*'|[^\s']+/g, (word) => {
    const plain = word.startsWith("'") ? word.slice(1, -1).replaceAll(String.raw`'\''`, "'") : word;
    const [, prefix = "", file = ""] = /^(model:)?(.*)$/s.exec(plain) ?? [];
    return path.isAbsolute(file) ? shellWord(prefix + pathFrom(folder, file)) : word;
  });
}

function cellFrom(folder: string | undefined, cell: Cell): Cell {
  return typeof cell === "object" ? pathFrom(folder, cell.path) : cell;
}

/** Sections whose commands and tables show paths from a report's folder. */
export function sectionsFrom(
  folder: string | undefined,
  sections: readonly ReportSection[],
): ReportSection[] {
  return sections.map((section) => ({
    ...section,
    ...(section.command !== undefined && { command: commandFrom(folder, section.command) }),
    blocks: section.blocks.map((block) =>
      block.kind === "table"
        ? { ...block, rows: block.rows.map((row) => row.map((cell) => cellFrom(folder, cell))) }
        : block,
    ),
  }));
}
