import { parseCount, parseSize } from "../../common/text/parse.js";
import { quote } from "../../common/text/quote.js";
import { usageError } from "../../common/errors.js";

/*
 * The kinds of option. An option reads one text, whether it comes from the command line, the
 * environment or a configuration file, and either has a value to give or throws a usage error that
 * names the option.
 */

/** One option of a command, or one of its positional arguments. */
export interface Option<Value> {
  /** What it does, for the help. */
  describe: string;
  /** A switch is named without a value: `--force`. */
  isSwitch: boolean;
  /** What the help says of it where it is not given. */
  defaultText?: string;
  /** Whether it must be given. */
  required: boolean;
  /** Whether several values may be given, as positional arguments. */
  many: boolean;
  /** The value where nothing is given. */
  fallback: () => Value;
  /** @param option How the text was given, for the error: `--rows`, `VADI_ROWS`. */
  parse: (texts: readonly string[], option: string) => Value;
}

/** The options of a command by their names on the command line. */
export type Options = Record<string, Option<unknown>>;

/** What a command gets: every option's value. */
export type ValuesOf<Declared extends Options> = {
  [Name in keyof Declared]: Declared[Name] extends Option<infer Value> ? Value : never;
};

/** What an option reads, before it is said whether it must be given. */
interface Kind<Value> {
  isSwitch?: boolean;
  parse: (text: string, option: string) => Value;
}

export const count: Kind<number> = { parse: parseCount };

export const size: Kind<number> = { parse: parseSize };

export const text: Kind<string> = {
  parse: (given, option) => {
    if (given === "") throw usageError(`${option} must not be empty.`);
    return given;
  },
};

/** A finite decimal number such as 0.001 or 1e-3. */
export const number: Kind<number> = {
  parse: (given, option) => {
    const plain = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(given.trim());
    const value = plain ? Number(given) : Number.NaN;
    if (!Number.isFinite(value)) {
      throw usageError(`${option} must be a number such as 0.1 or 1e-3, not ${quote(given)}.`);
    }
    return value;
  },
};

export const toggle: Kind<boolean> = {
  isSwitch: true,
  parse: (given, option) => {
    if (given === "true" || given === "1") return true;
    if (given === "false" || given === "0") return false;
    throw usageError(`${option} must be true or false, not ${quote(given)}.`);
  },
};

/** One of some words. */
export function choice<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    parse: (given, option) => {
      const found = words.find((word) => word === given);
      if (found === undefined) {
        throw usageError(`${option} must be ${oneOf(words)}, not ${quote(given)}.`);
      }
      return found;
    },
  };
}

function oneOf(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function single<Value>(kind: Kind<Value>, texts: readonly string[], option: string): Value {
  const [first, ...more] = texts;
  if (first === undefined) throw usageError(`${option} needs a value.`);
  if (more.length > 0) throw usageError(`${option} takes one value, not ${texts.length}.`);
  return kind.parse(first, option);
}

/** An option that has a default, written as a user would. */
export function withDefault<Value>(
  kind: Kind<Value>,
  defaultText: string,
  describe: string,
): Option<Value> {
  return {
    describe,
    isSwitch: kind.isSwitch ?? false,
    defaultText,
    required: false,
    many: false,
    fallback: () => kind.parse(defaultText, "default"),
    parse: (texts, option) => single(kind, texts, option),
  };
}

/** An option that may be left out; `defaultText` tells what happens then. */
export function optional<Value>(
  kind: Kind<Value>,
  describe: string,
  defaultText?: string,
): Option<Value | undefined> {
  return {
    describe,
    isSwitch: kind.isSwitch ?? false,
    ...(defaultText !== undefined && { defaultText }),
    required: false,
    many: false,
    fallback: () => undefined,
    parse: (texts, option) => single(kind, texts, option),
  };
}

/** A switch that is off unless it is named. */
export function flag(describe: string): Option<boolean> {
  return { ...withDefault(toggle, "false", describe), defaultText: "" };
}

function missing(): never {
  throw new Error("a required option has no fallback");
}

/** An option that must be given. */
export function required<Value>(kind: Kind<Value>, describe: string): Option<Value> {
  return {
    describe,
    isSwitch: kind.isSwitch ?? false,
    required: true,
    many: false,
    fallback: missing,
    parse: (texts, option) => single(kind, texts, option),
  };
}

/** Positional arguments, at least one. */
export function several<Value>(kind: Kind<Value>, describe: string): Option<Value[]> {
  return {
    describe,
    isSwitch: false,
    required: true,
    many: true,
    fallback: missing,
    parse: (texts, option) => texts.map((one) => kind.parse(one, option)),
  };
}

/** An object's type with the fields that may be undefined made optional. */
export type Present<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name];
} & {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<
    Fields[Name],
    undefined
  >;
};

/** The fields that have a value: the library takes an option as given or not there, never as undefined. */
export function present<Fields extends object>(fields: Fields): Present<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Present<Fields>;
}

/** The library's name of an option: `learning-rate` is `learningRate`. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
