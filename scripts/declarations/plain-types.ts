// Writes types that derive from zod's schemas as plain types, so that users of the package need no zod to read them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

/** A type that derives from schemas: `export type Task = z.infer<typeof taskSchema>;`. */
const DERIVED = /^export type (\w+) = (z\.infer<.*>);$/gm;

/** A constant or a property that is a schema; no type that users name contains one. */
const SCHEMA =
  /^( *)((?:(?:export )?declare const |readonly )?\w+): z\.(?:.*;$|[\s\S]*?\n\1\}.*;$)/gm;

/** `import { a, type b as c } from "module";` */
const IMPORT = /^(import (?:type )?)\{([^}]*)\}( from "[^"]*";\n)/gm;

/** Writes out, in place, the types of some declarations that derive from schemas. */
export function writePlainTypes(source: string, files: readonly string[]): void {
  const derived = files.filter((file) => readFileSync(file, "utf8").search(DERIVED) >= 0);
  const plain = writtenOut(source, derived);
  for (const file of derived) {
    const types = typesOf(plain.get(file) ?? "");
    const text = readFileSync(file, "utf8").replaceAll(
      DERIVED,
      (_, name: string, type: string) => `export type ${name} = ${types.get(name) ?? type};`,
    );
    writeFileSync(file, withoutUnused(text));
  }
}

/** Declares, in place, the schemas of some declarations without their type. */
export function hideSchemas(files: readonly string[]): void {
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const hidden = text.replaceAll(SCHEMA, "$1$2: unknown;");
    if (hidden !== text) writeFileSync(file, withoutUnused(hidden));
  }
}

/**
 * Lets TypeScript declare, for each type, a constant of that type: it writes out the types of constants, but not what
 * stands behind `type`. Returns the declarations by file.
 */
function writtenOut(source: string, files: readonly string[]): Map<string, string> {
  if (files.length === 0) return new Map();
  const folder = mkdtempSync(path.join(tmpdir(), "vadi-declarations-"));
  const programs = files.map((file) => file.replace(/\.d\.ts$/, ".plain.ts"));
  try {
    for (const [index, file] of files.entries()) {
      const text = readFileSync(file, "utf8").replaceAll(
        DERIVED,
        (line, name: string, type: string) =>
          `${line}\nexport const plain${name} = (undefined as never as () => ${type})();`,
      );
      writeFileSync(programs[index]!, text);
    }
    const packageFile = createRequire(import.meta.url).resolve("typescript/package.json");
    // Without the third, `| undefined` would be added to properties that may be missing, but not undefined.
    const words =
      `--strict --skipLibCheck --exactOptionalPropertyTypes --declaration --emitDeclarationOnly
      --ignoreConfig --target es2023 --module nodenext`.split(/\s+/);
    const folders = ["--rootDir", source, "--outDir", folder];
    const tsc = path.join(path.dirname(packageFile), "bin/tsc");
    execFileSync(process.execPath, [tsc, ...words, ...folders, ...programs], { stdio: "inherit" });
    return new Map(
      files.map((file) => {
        const declared = path.relative(source, file).replace(/\.d\.ts$/, ".plain.d.ts");
        return [file, readFileSync(path.join(folder, declared), "utf8")];
      }),
    );
  } finally {
    for (const name of [folder, ...programs]) rmSync(name, { recursive: true, force: true });
  }
}

/** The types of the constants that `writtenOut` added, by the names of the types. */
function typesOf(text: string): Map<string, string> {
  const declared = text.matchAll(/^export declare const plain(\w+): ([\s\S]*?);\n(?![ }])/gm);
  return new Map([...declared].map(([, name = "", type = ""]) => [name, type]));
}

/** A declaration without the imports that it does not use. */
function withoutUnused(text: string): string {
  const rest = text.replaceAll(IMPORT, "");
  return text.replaceAll(IMPORT, (_, start: string, names: string, end: string) => {
    const used = names.split(",").filter((name) => {
      const [local = ""] = /\w+\s*$/.exec(name) ?? [];
      return local !== "" && new RegExp(String.raw`\b${local.trim()}\b(?!\??:)`).test(rest);
    });
    return used.length === 0 ? "" : `${start}{${used.join(",").trimEnd()} }${end}`;
  });
}
