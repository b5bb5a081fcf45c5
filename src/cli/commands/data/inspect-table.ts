import path from "node:path";
import { shellWord } from "../../../common/command-line.js";
import { formatCount, NO_VALUE, plainNumber } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import type { TableDescription } from "../../../storage/index.js";
import { facts, pathWord, table } from "../../terminal/output.js";

type Column = TableDescription["columns"][number];

/** The most values of a text column that is suggested as a category. */
const MOST_CATEGORIES = 50;
/** Columns that a person reads; the JSON document has all. */
const MOST_COLUMNS = 100;
/** Characters of a value in a table. */
const SHOWN = 24;
/** Names of columns in a list of what an option makes. */
const SHOWN_NAMES = 4;

/** Whether `openDataset` reads the table as it is, with this target. */
export function isReady(
  { format, columns }: TableDescription,
  target: string,
  dropsInvalid: boolean,
): boolean {
  const numbers = columns.filter(({ kind }) => kind === "number");
  return (
    (format === "parquet" || format === "arrow") &&
    numbers.length > 1 &&
    numbers.some(({ name }) => name === target) &&
    (dropsInvalid || numbers.every(({ missing }) => missing === 0))
  );
}

/** All columns of a table, and what becomes of each. */
export function tableText(described: TableDescription): string[] {
  const columns = described.columns.slice(0, MOST_COLUMNS);
  const left = described.columns.length - columns.length;
  const rows = columns.map((column) => [
    column.name,
    column.type,
    formatCount(column.missing),
    `${column.isDistinctExact ? "" : "~"}${formatCount(column.distinct)}`,
    valueText(column.least),
    valueText(column.largest),
  ]);
  return [
    "",
    "Columns",
    ...table(["name", "type", "missing", "distinct", "minimum", "maximum"], rows),
    "",
    "What convert makes of them",
    ...facts(columns.map((column) => [column.name, becomesText(column)])),
    ...(left === 0 ? [] : [`  … ${counted(left, "more column")}; --json has all`]),
  ];
}

/** What the files of a table are. */
export function tableFacts({ files, format, rows, columns }: TableDescription): string[] {
  return facts([
    ["kind", "a table of another program"],
    ["rows", `${formatCount(rows)} × ${counted(columns.length, "column")}`],
    ["files", counted(files.length, `${format} file`)],
  ]);
}

function valueText(value: number | string | null): string {
  if (value === null) return NO_VALUE;
  const shown = typeof value === "number" ? plainNumber(value) : JSON.stringify(value).slice(1, -1);
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN - 1)}…` : shown;
}

/** One column, in words: what it becomes as it is, and with each option. */
function becomesText({ becomes, kind, missing, options }: Column): string {
  const plain =
    becomes.length === 0
      ? kind === "other"
        ? "left out; a query can make numbers of it"
        : "left out"
      : missing === 0
        ? "a number"
        : `a number; ${counted(missing, "missing value")} ${missing === 1 ? "is" : "are"} an error without --impute or --invalid drop`;
  const more = Object.entries(options).map(
    ([option, names]) => `with --${option}: ${namesText(names)}`,
  );
  return [plain, ...more].join("; ");
}

function namesText(names: readonly string[]): string {
  if (names.length <= SHOWN_NAMES + 1) return names.join(", ");
  return `${names.slice(0, SHOWN_NAMES).join(", ")}, … (${names.length})`;
}

/** The command that a user is likely to want next. */
export function nextCommand(
  source: string,
  { columns, format }: TableDescription,
  target: string | undefined,
): string {
  const others = columns.filter(({ name }) => name !== target);
  const having = (option: keyof Column["options"]): string[] =>
    others.filter(({ options }) => options[option] !== undefined).map(({ name }) => name);
  const dates = having("dates");
  const categorical = others
    .filter(
      ({ name, kind, distinct }) =>
        kind === "text" && distinct <= MOST_CATEGORIES && !dates.includes(name),
    )
    .map(({ name }) => name);
  const hasGaps =
    having("impute").length > 0 ||
    others.some(({ name, missing }) => dates.includes(name) && missing > 0);
  const needed = dates.length + categorical.length > 0 || hasGaps;
  const goal = ["--target", target ?? "COLUMN"];
  if ((format === "parquet" || format === "arrow") && !needed) {
    return `vadi train ${pathWord(source)} ${goal.map(shellWord).join(" ")} --out runs/NAME`;
  }
  const words = [
    ...goal,
    ...(categorical.length > 0 ? ["--categorical", categorical.join(",")] : []),
    ...(dates.length > 0 ? ["--dates", dates.join(",")] : []),
    ...(hasGaps ? ["--impute", "median"] : []),
  ];
  return `vadi convert ${pathWord(source)} ${words.map(shellWord).join(" ")} --out data/${nameOf(source)}`;
}

/** The name of a source's file without its endings. */
function nameOf(source: string): string {
  const [name = ""] = path.basename(source.split("#")[0]!).split(".");
  return /^[\w-]+$/.test(name) ? name : "NAME";
}
