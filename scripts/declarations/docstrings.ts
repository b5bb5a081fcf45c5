// Puts docstrings into declarations where TypeScript leaves them out: of functions that are loaded at their first
// call, and of options, whose types derive from tables. Editors and the API's reference show them.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Option } from "../../src/common/options/options.js";

const DOCSTRING = String.raw`(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*`;

/** The files whose functions are loaded at their first call. */
const LAZY = ["index.d.ts", "storage/index.d.ts"];

/** The docstrings of all functions, by name; undefined where two of one name have different ones. */
function docstringsOf(files: readonly string[]): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  const pattern = new RegExp(`${DOCSTRING}export declare (?:async )?function (\\w+)`, "g");
  for (const file of files) {
    for (const [, docstring, name = ""] of readFileSync(file, "utf8").matchAll(pattern)) {
      const isAmbiguous = found.has(name) && found.get(name) !== docstring;
      found.set(name, isAmbiguous ? undefined : docstring);
    }
  }
  return found;
}

/** Documents the functions of a file that are constants; the reference says which have no docstring. */
function documentFunctions(
  text: string,
  docstrings: ReadonlyMap<string, string | undefined>,
): string {
  return text.replaceAll(
    /(?<!\*\/\n)^export declare const (\w+): (?:\(|typeof )/gm,
    (line, name: string) => {
      const docstring = docstrings.get(name);
      return docstring === undefined ? line : `${docstring}\n${line}`;
    },
  );
}

/** Documents the entries of a file's tables of options by their help. */
function documentOptions(text: string, tables: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(
    /^export declare const (\w+): \{\n[\s\S]*?^\};/gm,
    (declared, table: string) =>
      declared.replaceAll(
        /(?:(?<=\n) {4}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)? {4}(?:readonly )?(\w+): /g,
        (member, docstring: string | undefined, name: string) => {
          const option = (tables[table] as Record<string, unknown> | undefined)?.[name];
          if (!isOption(option)) return member;
          const own = docstring?.replaceAll(/\s*\n\s*\*?\s*/g, " ").trim();
          return `    /** ${describe(option, own)} */\n    ${name}: `;
        },
      ),
  );
}

function isOption(value: unknown): value is Option {
  return typeof value === "object" && value !== null && "help" in value && "kind" in value;
}

/** An option's own docstring, or what its help says as a sentence; and its default. */
function describe(
  { kind, help, default: value, defaultText }: Option,
  docstring = `${help.replace(/\.$/, "")}.`,
): string {
  const text = defaultText ?? (value === undefined ? "" : `\`${kind.print(value)}\``);
  const isSaid = text === "" || docstring.includes("Default");
  return isSaid ? docstring : `${docstring} Default: ${text}.`;
}

/**
 * Documents declarations, in place.
 *
 * @param source the folder of the compiled sources
 * @param files all its declarations
 */
export async function writeDocstrings(source: string, files: readonly string[]): Promise<void> {
  const docstrings = docstringsOf(files);
  for (const name of LAZY) {
    const file = path.join(source, name);
    writeFileSync(file, documentFunctions(readFileSync(file, "utf8"), docstrings));
  }
  for (const file of files.filter((name) => path.basename(name) === "options.d.ts")) {
    const tables = (await import(pathToFileURL(file.replace(/\.d\.ts$/, ".js")).href)) as object;
    writeFileSync(file, documentOptions(readFileSync(file, "utf8"), { ...tables }));
  }
}
