import { quote } from "../../common/text/quote.js";
import { failure, usageError } from "../../common/errors.js";
import type { ColumnNames } from "../format/columns.js";
import type { FileFacts } from "./inspect-file.js";
import type { FileColumn } from "../format/table-file.js";

/** Names that fit a sentence. */
const SHOWN = 12;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown}, … (${names.length})` : shown;
}

/** What is to be known of a file for its columns to be chosen. */
type FileColumns = Pick<FileFacts, "file" | "format" | "columns">;

/**
 * Which columns of a table are its features and its target.
 *
 * @throws a usage error where a column is not there, is not numeric, or is named twice; a failure where
 *   the files do not all have it
 */
export function chooseColumns(
  facts: readonly FileColumns[],
  options: { target?: string; features?: readonly string[] },
): { columns: ColumnNames; warnings: string[] } {
  const first = facts[0]!;
  const { file, columns: all, format } = first;
  const byName = new Map<string, FileColumn>();
  const twice = new Set<string>();
  for (const column of all) {
    if (byName.has(column.name)) twice.add(column.name);
    byName.set(column.name, column);
  }
  const wanted = [...(options.features ?? all.map(({ name }) => name)), options.target ?? "y"];
  for (const other of facts) checkNotations(other, wanted);
  const numeric = all.filter((column) => column.numeric).map(({ name }) => name);
  const target = options.target ?? "y";
  if (!byName.has(target)) {
    const has = `it has ${listed(numeric)}${numeric.length === 0 ? "no numeric columns" : ""}`;
    throw usageError(
      options.target === undefined
        ? `${file} has no column y; name the target with --target: ${has}.`
        : `${file} has no column ${target} for --target: ${has}.`,
    );
  }
  const features = [...(options.features ?? numeric.filter((name) => name !== target))];
  if (features.length === 0) {
    throw usageError(
      options.features === undefined
        ? `${file} has no numeric column besides the target ${target}.`
        : "--features must name at least one column.",
    );
  }
  const names = [...features, target];
  for (const [index, name] of names.entries()) {
    const column = byName.get(name);
    const option = index < features.length ? "--features" : "--target";
    if (column === undefined) {
      throw usageError(`${file} has no column ${name} for ${option}: it has ${listed(numeric)}.`);
    }
    if (twice.has(name)) {
      throw usageError(`${file} has two columns ${name}: which of them is meant is ambiguous.`);
    }
    // What a CSV column holds is only guessed; who names it knows better.
    if (!column.numeric && format !== "csv") {
      throw usageError(
        `Column ${name} of ${file} is ${column.type}, which is not numeric; choose other columns with ${option}.`,
      );
    }
    if (names.indexOf(name) !== index) {
      throw usageError(
        name === target
          ? `Column ${name} is the target and cannot be a feature as well: see --features and --target.`
          : `Column ${name} is named twice in --features.`,
      );
    }
  }
  for (const other of facts) checkFile(other, names, file);
  const left = all.filter(({ name, numeric: isNumber }) => !isNumber && !names.includes(name));
  const warnings =
    options.features !== undefined || left.length === 0
      ? []
      : [`Left out, as not numeric: ${listed(left.map(({ name }) => name))}.`];
  return { columns: { features, target }, warnings };
}

/** Throws where a column that is wanted has numbers in a notation that vadi does not read. */
function checkNotations({ file, columns }: FileColumns, wanted: readonly string[]): void {
  const column = columns.find(({ name, unread }) => unread !== undefined && wanted.includes(name));
  if (column?.unread === undefined) return;
  const { notation, example, where } = column.unread;
  throw usageError(
    `Column ${column.name} of ${file} has numbers ${notation}, such as ${quote(example)} in ${where}, which vadi does not read; write them as 1234.5, or choose other columns with --features and --target.`,
  );
}

function checkFile(other: FileColumns, names: readonly string[], first: string): void {
  const has = new Map(other.columns.map((column) => [column.name, column]));
  for (const name of names) {
    const column = has.get(name);
    if (column === undefined) {
      throw failure(`${other.file} has no column ${name}, which ${first} has.`);
    }
    if (!column.numeric && other.format !== "csv") {
      throw failure(
        `Column ${name} of ${other.file} is ${column.type}, which is not numeric, unlike that of ${first}.`,
      );
    }
  }
}
