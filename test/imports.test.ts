import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, test } from "./helpers/test.js";

/*
 * The shape of the sources: data flows one way, so imports point one way; a folder is entered by
 * its door; only the command line prints and exits.
 */

/** Each folder imports from those before it. `index` is src/index.ts, the door of the package. */
const ORDER = [
  "common",
  "language",
  "files",
  "generate",
  "storage",
  "stream",
  "backend",
  "model",
  "train",
  "landscape",
  "curvature",
  "tasks",
  "report",
  "experiments",
  "index",
  "cli",
];

/** Folders without a door: each of their files is one helper. */
const OPEN: ReadonlySet<string> = new Set(["common", "files"]);

/** Besides index.ts: narrow doors for what should start soon, and each folder's table of options. */
function isNarrowDoor(file: string): boolean {
  return /^(?:storage\/(?:reading|remote)\/index|model\/network|language\/script|train\/evaluation\/rows-of-run|[a-z]+\/options)\.js$/.test(
    file,
  );
}

/** The most files a folder holds; more means that there are sub-concerns without a name. */
const MOST_FILES = 16;

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Source {
  /** Relative to src/, with forward slashes. */
  file: string;
  folder: string;
  text: string;
}

function folderOf(file: string): string {
  const [first = ""] = file.split("/");
  return first.endsWith(".ts") ? first.slice(0, -".ts".length) : first;
}

const sources: Source[] = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((file) => file.split(path.sep).join("/"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({
    file,
    folder: folderOf(file),
    text: readFileSync(path.join(root, "src", file), "utf8"),
  }));

/** Module names of `import … from`, `export … from`, `import("…")` and worker URLs. */
function importsOf(text: string): string[] {
  const patterns = [
    /^\s*(?:import|export)\b[^;"']*?\bfrom\s+["']([^"']+)["']/gm,
    /^\s*import\s+["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
    /\bnew URL\(\s*["'](\.[^"']+)["'],\s*import\.meta\.url/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((found) => found[1] ?? ""));
}

/** The text without comments and the insides of strings, so that words in them do not count. */
function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(?<![:"'`\\])\/\/.*$/gm, "")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
}

test("the patterns find every form of import", () => {
  const text = `
import a from "./a.js";
import type { B } from "../b/index.js";
import {
  c,
  d,
} from '../c/index.js';
export * from "./e.js";
export type { F } from "./f.js";
import "./g.js";
const h = await import("../h/index.js");
const worker = new URL("./i.js", import.meta.url);
`;
  assert.equal(importsOf(text).toSorted(), [
    "../b/index.js",
    "../c/index.js",
    "../h/index.js",
    "./a.js",
    "./e.js",
    "./f.js",
    "./g.js",
    "./i.js",
  ]);
});

test("every folder has its place in the order", () => {
  for (const { file, folder } of sources) {
    assert.ok(ORDER.includes(folder), `src/${file} lies in a folder without a place in the order`);
  }
});

test("imports point one way and go through the doors", () => {
  const wrong: string[] = [];
  for (const { file, folder, text } of sources) {
    for (const name of importsOf(text)) {
      if (!name.startsWith(".")) continue;
      const target = path.posix.join(path.posix.dirname(file), name);
      // Files beside src/, such as compiled kernels and package.json, are no sources.
      if (target.startsWith("..")) continue;
      const to = folderOf(target.replace(/\.js$/, ".ts"));
      if (to === folder) continue;
      if (ORDER.indexOf(to) > ORDER.indexOf(folder)) {
        wrong.push(`src/${file} imports ${name}: ${folder} comes before ${to}`);
      }
      const door = target === "index.js" || target === `${to}/index.js` || isNarrowDoor(target);
      if (!OPEN.has(to) && !door) wrong.push(`src/${file} imports ${name}, not ${to}/index.js`);
    }
  }
  assert.equal(wrong, []);
});

/** The source files that each source file imports, for their types too. */
const graph = new Map(
  sources.map(({ file, text }) => {
    const targets = importsOf(text)
      .filter((name) => name.startsWith("."))
      .map((name) => path.posix.join(path.posix.dirname(file), name).replace(/\.js$/, ".ts"));
    return [file, targets.filter((target) => sources.some((one) => one.file === target))] as const;
  }),
);

/** Everything that can be reached from a node along the edges. */
function reachable<Node>(from: Node, edges: ReadonlyMap<Node, Iterable<Node>>): Set<Node> {
  const found = new Set<Node>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of edges.get(node) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

test("no files import each other in a circle, not even for a type", () => {
  const wrong = [...graph.keys()].filter((file) => reachable(file, graph).has(file));
  assert.equal(wrong, []);
});

test("the folders and files of every folder have an order", () => {
  // By folder: which of its entries, files or sub-folders, import which.
  const orders = new Map<string, Map<string, Set<string>>>();
  for (const [file, targets] of graph) {
    for (const target of targets) {
      const [from, to] = [file.split("/"), target.split("/")];
      let depth = 0;
      while (from[depth] === to[depth]) depth++;
      const folder = from.slice(0, depth).join("/");
      const entries = orders.get(folder) ?? new Map<string, Set<string>>();
      orders.set(folder, entries);
      const imported = entries.get(from[depth]!) ?? new Set();
      entries.set(from[depth]!, imported.add(to[depth]!));
    }
  }
  const wrong = [...orders].flatMap(([folder, entries]) =>
    [...entries.keys()]
      .filter((entry) => reachable(entry, entries).has(entry))
      .map((entry) => `src/${folder}: ${entry}`),
  );
  assert.equal(wrong, []);
});

test("the picture in docs/architecture.md is that of the imports", () => {
  const imports = new Map(ORDER.map((folder) => [folder, new Set<string>()]));
  for (const [file, targets] of graph) {
    for (const target of targets) {
      const [from, to] = [folderOf(file), folderOf(target)];
      if (from !== to) imports.get(from)?.add(to);
    }
  }
  // What can be reached over other arrows is left out.
  const arrows = [...imports].flatMap(([folder, direct]) =>
    [...direct]
      .filter((one) => ![...direct].some((other) => reachable(other, imports).has(one)))
      .map((one) => `${one} --> ${folder}`),
  );
  const page = readFileSync(path.join(root, "docs/architecture.md"), "utf8");
  assert.equal(
    page
      .match(/^ +\w+ --> \w+$/gm)
      ?.map((line) => line.trim())
      .toSorted(),
    arrows.toSorted(),
  );
  for (const folder of ORDER) {
    assert.ok(page.includes(`| \`${folder === "index" ? "index.ts" : folder}\``), folder);
  }
  const named = page.match(/`(?:[a-z]+\/)+[a-z-]+\.ts`/g)?.map((name) => name.slice(1, -1)) ?? [];
  const missing = named.filter(
    (name) => !name.startsWith("assembly/") && !name.startsWith("test/") && !graph.has(name),
  );
  assert.equal(missing, []);
});

test("a folder holds no more files than fit in a glance", () => {
  const counts = new Map<string, number>();
  for (const { file } of sources) {
    const folder = path.posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const wrong = [...counts].filter(([, count]) => count > MOST_FILES);
  assert.equal(wrong, []);
});

test("every folder has a door that says what lives there", () => {
  const folders = new Set(sources.map(({ file }) => path.posix.dirname(file)));
  const wrong = [...folders].filter((folder) => {
    if (folder === "." || OPEN.has(folder.split("/")[0]!) || folder === "cli") return false;
    const door = sources.find(({ file }) => file === `${folder}/index.ts`);
    return door === undefined || !door.text.startsWith("/**");
  });
  assert.equal(wrong, []);
});

/** A compiled module with all that it loads, packages by their names. */
function loadedBy(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  // What is imported for its types alone is gone from the compiled text.
  for (const name of importsOf(readFileSync(path.join(root, "dist/src", file), "utf8"))) {
    if (!name.startsWith(".")) loaded.add(name);
    else if (name.endsWith(".js"))
      loadedBy(path.posix.join(path.posix.dirname(file), name), loaded);
  }
  return loaded;
}

test("a landscape's threads load no package, whose start would take longer than their work", () => {
  const loaded = loadedBy("landscape/methods/segments-worker.js");
  assert.ok(loaded.has("landscape/methods/relu-segments.js"));
  const foreign = [...loaded].filter((name) => !/^(landscape|common|files)\/|^node:/.test(name));
  assert.equal(foreign, []);
});

test("threads load no tables of options, whose library takes long to start", () => {
  for (const worker of [
    "stream/chunks/chunk-worker.js",
    "storage/dataset/shard-worker.js",
    "train/engine/fused/fused-worker.js",
  ]) {
    const loaded = loadedBy(worker);
    assert.ok(loaded.has("common/kernel.js"), worker);
    assert.equal(
      [...loaded].filter((name) => /^zod|options/.test(name)),
      [],
      worker,
    );
  }
});

test("only the command line prints and exits", () => {
  const wrong: string[] = [];
  for (const { file, folder, text } of sources) {
    if (folder === "cli") continue;
    const found = /\bconsole\.\w+|\bprocess\.(?:exit\b|exitCode|stdout|stderr)/.exec(codeOf(text));
    if (found !== null) wrong.push(`src/${file} uses ${found[0]}`);
  }
  assert.equal(wrong, []);
});

test("no source file is longer than 400 lines", () => {
  const long = sources
    .map(({ file, text }) => ({ file, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > 400)
    .map(({ file, lines }) => `src/${file} has ${lines} lines`);
  assert.equal(long, []);
});

test.run();
