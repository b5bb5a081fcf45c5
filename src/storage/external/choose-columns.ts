import { failure, usageError } from "../../common/errors.js";
import type { ColumnNames } from "../format/columns.js";
import type { FileFacts } from "./inspect-file.js";

/** The features and the target that the user asked for. */
export interface ChosenOptions {
  target?: string;
  features?: readonly string[];
}

type FileColumns = Pick<FileFacts, "file" | "columns">;

/**
 * Decides which columns of a table are its features and its target: those that the user named, or else
 * all numeric columns, with the target y.
 *
 * @throws a usage error where a column does not exist, is not numeric, or is named twice; a failure where
 *   one of the files does not have it
 */
export function chooseColumns(
  facts: readonly FileColumns[],
  options: ChosenOptions,
): { columns: ColumnNames; warnings: string[] } {
  const first = facts[0]!;
  const byName = groupByName(first.columns);
  const { target = "y", features: named } = options;
  const numeric = first.columns.filter((column) => column.numeric).map(({ name }) => name);
  if (!byName.has(target)) throw noTarget(first.file, options.target, numeric);
  const features = [...(named ?? numeric.filter((name) => name !== target))];
  if (features.length === 0) {
    throw usageError(`${first.file} has no numeric column besides the target ${target}.`);
  }
  for (const name of features) {
    checkColumn(first.file, name, byName.get(name) ?? [], "features", numeric);
  }
  checkColumn(first.file, target, byName.get(target) ?? [], "target", numeric);
  checkNamedOnce(features, target);
  const names = [...features, target];
  for (const file of facts) checkFile(file, names, first.file);
  const used = new Set([...numeric, ...names]);
  const left = [...byName.keys()].filter((name) => !used.has(name));
  const warnings =
    named === undefined && left.length > 0
      ? [`Left out because they are not numeric: ${listed(left)}.`]
      : [];
  return { columns: { features, target }, warnings };
}

type Column = FileColumns["columns"][number];

/** A file may have several columns of one name. */
function groupByName(columns: readonly Column[]): Map<string, Column[]> {
  const groups = new Map<string, Column[]>();
  for (const column of columns) {
    const group = groups.get(column.name);
    if (group === undefined) groups.set(column.name, [column]);
    else group.push(column);
  }
  return groups;
}

function noTarget(file: string, target: string | undefined, numeric: readonly string[]): Error {
  const has =
    numeric.length === 0
      ? "it has no numeric columns"
      : `its numeric columns are ${listed(numeric)}`;
  return usageError((option) =>
    target === undefined
      ? `${file} has no column y; name the target with ${option("target")}: ${has}.`
      : `${file} has no column ${target} for ${option("target")}: ${has}.`,
  );
}

function checkColumn(
  file: string,
  name: string,
  [column, second]: readonly Column[],
  given: "features" | "target",
  numeric: readonly string[],
): void {
  if (column === undefined) {
    throw usageError(
      (option) =>
        `${file} has no column ${name} for ${option(given)}: its numeric columns are ${listed(numeric)}.`,
    );
  }
  if (second !== undefined)
    throw usageError(`${file} has two columns ${name}; give one of them another name.`);
  if (!column.numeric) {
    throw usageError(
      (option) =>
        `Column ${name} of ${file} is ${column.type}, which is not numeric; choose other columns with ${option(given)}.`,
    );
  }
}

function checkNamedOnce(features: readonly string[], target: string): void {
  if (features.includes(target)) {
    throw usageError(
      (option) =>
        `Column ${target} is the target and cannot be a feature as well: see ${option("features")} and ${option("target")}.`,
    );
  }
  const seen = new Set<string>();
  const twice = features.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw usageError((option) => `Column ${twice} is named twice in ${option("features")}.`);
}

/** Names that fit a sentence. */
const SHOWN = 12;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown}, … (${names.length})` : shown;
}

/** Throws where a file does not have the columns of the first. */
function checkFile(other: FileColumns, names: readonly string[], first: string): void {
  const has = new Map(other.columns.map((column) => [column.name, column]));
  for (const name of names) {
    const column = has.get(name);
    if (column === undefined) {
      throw failure(`${other.file} has no column ${name}, which ${first} has.`);
    }
    if (!column.numeric) {
      throw failure(
        `Column ${name} of ${other.file} is ${column.type}, which is not numeric, unlike that of ${first}.`,
      );
    }
  }
}
