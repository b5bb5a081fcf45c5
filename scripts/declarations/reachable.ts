import { readFileSync } from "node:fs";
import path from "node:path";

/** What a declaration imports. */
const IMPORTED = /(?:\bfrom |\bimport\(|^import )"([^"]+)"/gm;

/** The declarations that one imports, directly or not, itself included; and the packages they import. */
export interface Reachable {
  files: Set<string>;
  /** The files that import each package, by its name. */
  packages: Map<string, string[]>;
}

/** Follows the imports of a declaration. */
export function reachableFrom(entry: string): Reachable {
  const files = new Set([entry]);
  const packages = new Map<string, string[]>();
  for (const file of files) {
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(IMPORTED)) {
      if (name.startsWith(".")) {
        files.add(path.resolve(path.dirname(file), name.replace(/\.js$/, ".d.ts")));
      } else if (!name.startsWith("node:")) {
        const [owner = ""] = /^(?:@[^/]+\/)?[^/]+/.exec(name) ?? [];
        packages.set(owner, [...(packages.get(owner) ?? []), file]);
      }
    }
  }
  return { files, packages };
}
