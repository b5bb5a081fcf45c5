import { z } from "zod/mini";
import { parseCount, parseSize } from "../text/parse.js";
import { quote } from "../text/quote.js";
import { usageError } from "../errors.js";

/**
 * A kind of option value: how a program gives it, how a person writes it, and what it must be.
 * The command line, the environment and configuration files give text; programs give values.
 */
export interface Kind<Value> {
  /** Checks the value. Made when it is asked for: of a command's options few are given. */
  readonly schema: z.ZodMiniType<Value>;
  /** What the value must be, to be read after "must be". */
  expected: string;
  /**
   * Reads a text; the schema checks what it gives.
   *
   * @param option how the error names the option
   * @throws a usage error where the text has another form
   */
  parse: (text: string, option: string) => unknown;
  /** The value as a text that `parse` reads. */
  print(value: Value): string;
  /** Whether the option may be named without a value: `--force`. */
  isSwitch?: true;
  /** Values that a shell may offer: all of them, or those without a parameter. */
  words?: readonly string[];
}

function wholeNumber(least: number, most: number): string {
  if (most === Number.MAX_SAFE_INTEGER) return `a whole number of at least ${least}`;
  return `a whole number from ${least} to ${most === 2 ** 40 ? "2^40" : most}`;
}

/** A whole number, written `1000000`, `1_000_000`, `1e6` or `1M`. */
export function count(least = 0, most: number = Number.MAX_SAFE_INTEGER): Kind<number> {
  return {
    get schema() {
      return z.number().check(z.int(), z.gte(least), z.lte(most));
    },
    expected: wholeNumber(least, most),
    parse: parseCount,
    print: (value) => (value > 0 && value % 1e6 === 0 ? `${value / 1e6}M` : String(value)),
  };
}

/** A number of bytes, at least one, written `64MiB` or `1GB`. */
export const size: Kind<number> = {
  ...count(1),
  expected: "a size in bytes, at least 1",
  parse: parseSize,
  print(value) {
    if (value % 2 ** 30 === 0) return `${value / 2 ** 30}GiB`;
    return value % 2 ** 20 === 0 ? `${value / 2 ** 20}MiB` : String(value);
  },
};

/** Bounds of a number. */
interface Range {
  above?: number;
  least?: number;
  below?: number;
  most?: number;
}

/** A finite decimal number such as 0.001 or 1e-3. */
export function number(range: Range = {}): Kind<number> {
  const { above, least, below, most } = range;
  const bounds = [
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(least === undefined ? [] : [`of at least ${least}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
    ...(most === undefined ? [] : [`of at most ${most}`]),
  ];
  return {
    get schema() {
      return z
        .number()
        .check(
          z.gt(above ?? -Infinity),
          z.gte(least ?? -Infinity),
          z.lt(below ?? Infinity),
          z.lte(most ?? Infinity),
        );
    },
    expected: `a number ${bounds.join(" and ")}`.trimEnd(),
    parse(text, option) {
      const plain = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text.trim());
      const value = plain ? Number(text) : Number.NaN;
      if (!Number.isFinite(value)) {
        throw usageError(`${option} must be a number such as 0.1 or 1e-3, not ${quote(text)}.`);
      }
      return value;
    },
    print: String,
  };
}

/** Any text but an empty one. No file's name has a character of value 0. */
export const text: Kind<string> = {
  get schema() {
    return z.string().check(z.minLength(1), z.regex(/^[^\0]*$/));
  },
  expected: "text that is not empty",
  parse(given, option) {
    if (given === "") throw usageError(`${option} must not be empty.`);
    return given;
  },
  print: (value) => value,
};

/** True or false; the name alone means true. */
export const toggle: Kind<boolean> = {
  get schema() {
    return z.boolean();
  },
  expected: "true or false",
  parse: (given) => ({ true: true, 1: true, false: false, 0: false })[given] ?? given,
  print: String,
  isSwitch: true,
};

/** One of some words. */
export function choice<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    get schema() {
      return z.enum(words);
    },
    expected: oneOf(words),
    words,
    parse: (given) => given,
    print: (value) => value,
  };
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** Settings NAME=VALUE, one or, with a bar between two values, a list; several are separated by spaces. */
export const settings: Kind<Readonly<Record<string, string | readonly string[]>>> = {
  schema: z.readonly(
    z.record(
      z.string().check(z.regex(/^[a-z_]+$/)),
      z.union([z.string(), z.readonly(z.array(z.string()))]),
    ),
  ),
  expected: "settings NAME=VALUE, such as decimal_separator=, or nullstr=NA|none",
  parse(given) {
    const parts = given.split(/\s+(?=[a-z_]+=)/);
    if (!parts.every((part) => /^[a-z_]+=/.test(part))) return given;
    return Object.fromEntries(
      parts.map((part) => {
        const at = part.indexOf("=");
        const value = part.slice(at + 1);
        // A bar alone is a delimiter.
        const values = value.length > 1 && value.includes("|") ? value.split("|") : value;
        return [part.slice(0, at), values];
      }),
    );
  },
  print: (value) =>
    Object.entries(value)
      .map(([name, one]) => `${name}=${typeof one === "string" ? one : one.join("|")}`)
      .join(" "),
};

/** Names of columns, separated by commas. */
export const names: Kind<readonly string[]> = {
  get schema() {
    return z.readonly(z.array(z.string().check(z.minLength(1))).check(z.minLength(1)));
  },
  expected: "names of columns separated by commas, such as a,b,c",
  parse: (given) => given.split(",").map((name) => name.trim()),
  print: (value) => value.join(","),
};
