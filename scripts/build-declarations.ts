// Completes the declarations of the package: adds docstrings that TypeScript leaves out, writes types that derive from
// schemas as plain types, and removes the declarations that no user can reach.
import { globSync } from "tinyglobby";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeDocstrings } from "./declarations/docstrings.js";
import { hideSchemas, writePlainTypes } from "./declarations/plain-types.js";
import { reachableFrom } from "./declarations/reachable.js";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const source = path.join(root, "dist/src");
const entry = path.join(source, "index.d.ts");

const all = globSync("**/*.d.ts", { cwd: source, absolute: true });
await writeDocstrings(source, all);
writePlainTypes(source, [...reachableFrom(entry).files]);
hideSchemas([...reachableFrom(entry).files]);

const { files, packages } = reachableFrom(entry);
const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
  dependencies: Readonly<Record<string, string>>;
};
for (const [name, importers] of packages) {
  if (name in dependencies) continue;
  const places = importers.map((file) => path.relative(root, file)).join(", ");
  throw new Error(`${places}: users of the package do not have ${name}.`);
}
for (const file of all) if (!files.has(path.resolve(file))) rmSync(file);
