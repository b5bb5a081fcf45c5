import { optionFlag, shellWord } from "../command-line.js";
import { quote } from "../text/quote.js";
import { say, usageError, type Sentence } from "../errors.js";
import { text, toggle, type Kind } from "./kinds.js";

/*
 * Options are declared once, in a table: for each its kind, its default and its help. From the table
 * derive the types, the checks of the library, the options and the help of the command line, and the
 * command lines that vadi prints.
 */

/** An option of the library and of the command line. */
export interface Option<Value = unknown> {
  kind: Kind<Value>;
  /** What it does, as a line of `--help`. */
  help: string;
  /** The value if it is left out. */
  default?: Value;
  /** What happens if it is left out, where that is not a plain value; for the help. */
  defaultText?: string;
  /** Whether it must be given. */
  required?: boolean;
  /** Whether several values may be given, as positional arguments. */
  many?: boolean;
  /**
   * What the option changes: `result` the numbers that come out, `speed` only how fast, where or how
   * safely they are computed. A resumed job may change the latter. Default `result`.
   */
  changes?: "result" | "speed";
  /** When a command line that repeats the job names the option. Default `changed` from its default. */
  printed?: "always" | "changed" | "given" | "never";
  /** Whether it has an effect beside other options; where it has none, command lines leave it out. */
  appliesTo?: (options: Readonly<Record<string, unknown>>) => boolean;
}

/** An option with a default. */
export type Defaulted<Value> = Option<Value> & { default: Value };
/** An option that must be given. */
export type Required<Value> = Option<Value> & { required: true };

/** Options by their names in the library; the command line writes `batchSize` as `--batch-size`. */
export type Options = Record<string, Option>;

type ValueOf<Entry> = Entry extends Option<infer Value> ? Value : never;

/** What a caller of the library gives: all but required options may be left out. */
export type GivenOptions<Table extends Options> = {
  [Name in keyof Table as Table[Name] extends { required: true } ? Name : never]: ValueOf<
    Table[Name]
  >;
} & {
  [Name in keyof Table as Table[Name] extends { required: true } ? never : Name]?:
    | ValueOf<Table[Name]>
    | undefined;
};

/** Options with the defaults filled in: null where an option has no default value. */
export type FilledOptions<Table extends Options> = {
  [Name in keyof Table]: Table[Name] extends { required: true } | { default: unknown }
    ? ValueOf<Table[Name]>
    : ValueOf<Table[Name]> | null;
};

type More = Pick<Option, "changes" | "printed" | "appliesTo">;

/** An option with a default value. */
export function withDefault<Value>(
  kind: Kind<Value>,
  value: NoInfer<Value>,
  help: string,
  more: More = {},
): Defaulted<Value> {
  return { kind, default: value, help, ...more };
}

/** An option without a default value; `defaultText` says what happens if it is left out. */
export function optional<Value>(
  kind: Kind<Value>,
  help: string,
  defaultText?: string,
  more: More = {},
): Option<Value> {
  return { kind, help, ...(defaultText !== undefined && { defaultText }), ...more };
}

/** An option that must be given. */
export function required<Value>(kind: Kind<Value>, help: string): Required<Value> {
  return { kind, help, required: true };
}

/** A switch that is off unless it is named, and changes nothing in the result. */
export function flag(help: string): Defaulted<boolean> {
  return {
    kind: toggle,
    default: false,
    help,
    defaultText: "",
    changes: "speed",
    printed: "never",
  };
}

/** Positional arguments, at least one. */
export function several(help: string): Option<string[]> & { required: true; many: true } {
  // Each of the texts is checked by itself.
  return { kind: text as unknown as Kind<string[]>, help, required: true, many: true };
}

/**
 * Checks a value.
 *
 * @param option how the error names the option
 * @param written the text that the value was read from
 * @throws a usage error
 */
export function checkValue<Value>(
  kind: Kind<Value>,
  value: unknown,
  option: Sentence,
  written?: string,
): Value {
  const checked = kind.schema.safeParse(value);
  if (checked.success) return checked.data;
  const wrong = typeof value === "number" ? value : (written ?? value);
  throw usageError((name) => `${say(option, name)} must be ${kind.expected}, not ${shown(wrong)}.`);
}

/** A value in an error message. */
function shown(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return quote(typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)));
}

/**
 * Checks the options that a caller gave and fills in the defaults. What the table does not name is
 * left out.
 *
 * @throws a usage error that names the option
 */
export function fillOptions<const Table extends Options>(
  table: Table,
  given: GivenOptions<Table>,
): FilledOptions<Table> {
  const values = given as Record<string, unknown>;
  const filled: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    const value = values[name];
    if (value !== undefined) {
      filled[name] = checkValue(option.kind, value, (named) => named(name));
    } else if (option.required === true) {
      throw usageError((named) => `The option ${named(name)} is required.`);
    } else filled[name] = option.default ?? null;
  }
  return filled as FilledOptions<Table>;
}

/** Those of some values that a table names, and that are given. */
export function pickOptions<Table extends Options>(
  table: Table,
  values: Readonly<Record<string, unknown>>,
): Partial<GivenOptions<Table>> {
  const entries = Object.keys(table)
    .filter((name) => values[name] !== undefined)
    .map((name) => [name, values[name]]);
  return Object.fromEntries(entries) as Partial<GivenOptions<Table>>;
}

/**
 * The words of a command line that repeats a job, in the table's order: `--batch-size 1000`.
 *
 * @param used the options as they were used
 * @param given the options as the caller gave them
 */
export function optionWords(
  table: Options,
  used: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(table).flatMap(([name, option]) => {
    const value = used[name] ?? given[name];
    if (value === undefined || value === null || option.appliesTo?.(used) === false) return [];
    const { printed = "changed" } = option;
    if (printed === "never") return [];
    if (printed === "given" && given[name] === undefined) return [];
    if (printed === "changed" && value === option.default) return [];
    return [optionFlag(name), shellWord(option.kind.print(value))];
  });
}
