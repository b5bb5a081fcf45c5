// Bundles the command line, the library, and the modules that run in threads and processes of their own into
// dist/bundle: a start opens a few files rather than some hundred.
import { globSync } from "tinyglobby";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "rolldown";
import { loadCommands } from "../src/cli/commands/index.js";
import { layOutHelp } from "../src/cli/parse/help.js";
import { HELP_COLUMNS } from "../src/cli/parse/prepared.js";
import { VERSION } from "../src/common/version.js";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const source = path.join(root, "dist/src");
const out = path.join(root, "dist/bundle");

/** Packages that become part of the bundle. All others are loaded from node_modules when they are needed. */
const BUNDLED = new Set([
  "@duckdb/node-api",
  "@hono/node-server",
  "hono",
  "hyparquet",
  "hyparquet-writer",
  "ml-matrix",
  "munkres",
  "pbf",
  "temml",
  "tinyglobby",
  "yargs",
  "yargs-parser",
  "yauzl",
  "zod",
]);

/**
 * CommonJS packages of large files or of many. `import` searches them for the names they export, which
 * takes longer than to run them; `require` does not. Both give the same instance.
 */
const REQUIRED = new Set([
  "@tensorflow/tfjs-core",
  "@tensorflow/tfjs-layers",
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-backend-wasm",
  "piscina",
]);

/** A native library, which a bundled package loads. */
const NATIVE = "@duckdb/node-bindings";

/** The folders of the packages that the bundle contains. */
const bundledFolders = new Set<string>();

/** The package that a module is imported from; undefined for a path and for Node's own modules. */
function packageOf(id: string): string | undefined {
  if (id.startsWith("node:") || id.startsWith(".") || path.isAbsolute(id)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
}

/** Whether a module stays where it is: Node's own, and packages that are neither bundled nor required. */
function isExternal(id: string, importer: string | undefined): boolean {
  const name = packageOf(id);
  if (name === undefined) return id.startsWith("node:");
  if (name === NATIVE) return true;
  // What a bundled package itself needs is bundled with it.
  if (importer?.startsWith(source) === false || REQUIRED.has(id)) return false;
  // Of apache-arrow the writer needs a tenth; where its tables are given to callers it must be their instance.
  if (name === "apache-arrow") return importer?.endsWith("storage/arrow/writer.js") !== true;
  return !BUNDLED.has(name);
}

/** Turns `import` of the packages above into `require`. */
const requirePackages: Plugin = {
  name: "require-packages",
  resolveId: (id) => (REQUIRED.has(id) ? { id: `\0${id}`, moduleSideEffects: true } : null),
  async load(id) {
    const name = id.slice(1);
    if (!id.startsWith("\0") || !REQUIRED.has(name)) return null;
    const names = Object.keys((await import(name)) as object);
    const exported = names.filter((key) => !["default", "module.exports"].includes(key));
    return [
      'import { createRequire } from "node:module";',
      `const loaded = createRequire(import.meta.url)(${JSON.stringify(name)});`,
      `export const { ${exported.join(", ")} } = loaded;`,
      "export default loaded;",
    ].join("\n");
  },
};

/** All that a start needs where the answer has been prepared. */
const FIRST = /\/(?:open-file-limit|package-files|compile-cache|prepared)\.js$/;
/** Each a file of its own: the first one, and what needs large packages that its room does not, or the reverse. */
const APART =
  /\/(?:cli\/main|cli\/parse\/help|storage\/arrow\/writer|train\/evaluation\/rows-of-run)\.js$/;

/** What every job with data needs: one file, for a file more costs more than a few functions that are not called. */
const DATA = new Set(["common", "files", "generate", "storage", "stream"]);

/** Folders of storage that some jobs need, with packages of their own. */
const SOMETIMES = new Set([
  "describe",
  "duckdb",
  "external",
  "parquet",
  "parts",
  "prepare",
  "remote",
  "streamed",
  "tables",
  "verify",
]);

/** What opening any table needs, although it lies in one of those folders. */
const ALWAYS = /\/external\/(?:choose-columns|open-source|select-columns)\.js$/;

/** Packages that every command needs, and the room whose file has them. */
const ALWAYS_NEEDED: Readonly<Record<string, string>> = { zod: "data", "yargs-parser": "cli" };

/** Of the commands' folder: the list of them, and what several need. */
const SHARED_BY_COMMANDS = /\/commands\/(?:index|data\/open-given)\.js$/;

/** The file that holds a module: one for each package, one for data, and one for each other room. */
function chunkOf(id: string): string | null {
  if (REQUIRED.has(id.slice(1))) return path.basename(id);
  const [, dependency] = /\/node_modules\/(?:@[^/]+\/)?([^/]+)\//.exec(id) ?? [];
  if (dependency !== undefined) return ALWAYS_NEEDED[dependency] ?? dependency;
  const [, room, folder] = /\/dist\/src\/([^/]+)\/(?:([^/]+)\/)?/.exec(id) ?? [];
  if (room === undefined || APART.test(id)) return null;
  if (folder === "commands") return SHARED_BY_COMMANDS.test(id) ? "cli" : null;
  if (FIRST.test(id)) return "prepared";
  // What a kind of task does needs rooms that the others do without.
  if (room === "tasks" && folder === "kinds") return `task-${path.basename(id, ".js")}`;
  const isApart = room === "storage" && folder !== undefined && SOMETIMES.has(folder);
  if (isApart && !ALWAYS.test(id)) return folder;
  return DATA.has(room) ? "data" : room;
}

/**
 * Bundles a module with all that it imports; what it imports only at times lies in files of its own.
 *
 * @param file below dist/src
 * @param byRoom whether every room becomes a file, for programs of which each job needs some rooms
 */
async function bundle(file: string, { byRoom }: { byRoom: boolean }): Promise<void> {
  const { output } = await build({
    cwd: root,
    input: path.join(source, file),
    platform: "node",
    plugins: [requirePackages],
    external: isExternal,
    preserveEntrySignatures: "allow-extension",
    treeshake: { moduleSideEffects: false },
    output: {
      dir: out,
      format: "esm",
      ...(byRoom && {
        codeSplitting: {
          groups: [{ name: chunkOf, debugName: "rooms" }],
          includeDependenciesRecursively: false,
        },
      }),
      // Names and lines stay for stack traces; comments are only read again at each start.
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: false } },
      comments: false,
      // Flat: a worker's file lies beside the file that starts it, as in dist/src.
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
    },
    logLevel: "warn",
  });
  for (const chunk of output) {
    for (const id of chunk.type === "chunk" ? chunk.moduleIds : []) {
      const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? [];
      if (folder !== undefined) bundledFolders.add(folder);
    }
  }
}

/** Writes the licences of the packages that the bundle contains. */
function writeLicences(): void {
  const texts = [...bundledFolders].toSorted().flatMap((folder) => {
    const { name, version } = JSON.parse(
      readFileSync(path.join(folder, "package.json"), "utf8"),
    ) as { name: string; version: string };
    const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
    if (files.length === 0) throw new Error(`${name} has no licence file.`);
    return files.map((file) => {
      const text = readFileSync(path.join(folder, file), "utf8").trim();
      return `${name} ${version}\n\n${text}\n`;
    });
  });
  writeFileSync(path.join(out, "LICENCES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
}

/** The modules that are started in threads and child processes: `new URL("worker.js", import.meta.url)`. */
function startedFiles(): string[] {
  const files = globSync("**/*.js", { cwd: source }).flatMap((file) =>
    [
      ...readFileSync(path.join(source, file), "utf8").matchAll(/new URL\("([^"]+\.js)", import/g),
    ].map(([, started = ""]) => path.join(path.dirname(file), started)),
  );
  const names = files.map((file) => path.basename(file));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two modules that are started are called ${twice}.`);
  return files.toSorted();
}

/** Lays out the version and every help for src/cli/parse/prepared.ts. */
async function prepareTexts(): Promise<void> {
  const folder = path.join(out, "help");
  mkdirSync(folder, { recursive: true });
  const commands = await loadCommands();
  const write = (name: string, text: string): void =>
    writeFileSync(path.join(folder, `${name}.txt`), `${text}\n`);
  write("version", VERSION);
  write("vadi", await layOutHelp(commands, undefined, HELP_COLUMNS));
  for (const command of commands) {
    write(command.name, await layOutHelp(commands, command, HELP_COLUMNS));
  }
}

rmSync(out, { recursive: true, force: true });
for (const file of ["index.js", "cli/main.js"]) await bundle(file, { byRoom: true });
// Threads and child processes need most of what they import: it lies in one file.
for (const file of startedFiles()) await bundle(file, { byRoom: false });
chmodSync(path.join(out, "main.js"), 0o755);
await prepareTexts();
writeLicences();
