import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "rolldown/utils";
import { isPlatformServed, unpack } from "../helpers/browser.js";
import { assert } from "../helpers/test.js";
import { blocksOf, commentsOf, type Block } from "./blocks.js";
import { given } from "./given.js";
import { NOT_RUN } from "./not-run.js";
import { programOf } from "./programs.js";

/*
 * Runs what a page says, as it stands, in a folder in which vadi is installed: commands of `sh`, programs of `js` and
 * `ts`, in the order of the page. Comments, which readers do not see, say how:
 *
 *   <!-- given: NAME, NAME -->       what the page takes as made before (given.ts) is in the folder
 *   <!-- in the test: A = B -->      in all commands of the page, B stands for A: smaller sizes
 *
 * and before a block:
 *
 *   <!-- file: NAME -->              the block is written to NAME
 *   <!-- fails -->                   the command must fail
 *   <!-- needs: MODULE -->           run only where Python, or the one that TEST_PYTHON names, has the module
 *
 * A block of `text` is what the block before it prints: each of its lines is in the output, in which spaces and the
 * folder's path (…/) do not count; an ellipsis stands for any text. What cannot be run is in not-run.ts.
 */

export const root: string = fileURLToPath(new URL("../../..", import.meta.url));

/** What is shown, and is neither a command nor a program. */
const SHOWN = new Set(["", "math", "mermaid"]);

/** The path of Python; empty where there is none. */
const python = spawnSync(
  process.env["TEST_PYTHON"] ?? "python3",
  ["-c", "import sys; print(sys.executable)"],
  { encoding: "utf8" },
).stdout.trim();

/** A block that was run, and what it printed. */
export interface Ran {
  text: string;
  output: string;
}

/**
 * Runs all blocks of a page.
 *
 * @param name its path in the repository: `docs/tables.md`
 * @param folder where they are run; what is in it is there for them
 * @returns what was run, in the order of the page
 * @throws where a block fails that must not, prints something else than the page says, or is of a kind that cannot be
 *   run and not in NOT_RUN
 */
export async function runPage(name: string, folder: string): Promise<Ran[]> {
  const page = readFileSync(path.join(root, name), "utf8");
  const needsBrowser = page.includes("VADI_BROWSER");
  if (needsBrowser && !isPlatformServed()) return [];
  const environment = {
    ...process.env,
    PATH: `${path.join(folder, "node_modules/.bin")}:${process.env["PATH"]}`,
    VADI_BROWSER: needsBrowser ? await unpack(folder) : "",
    COLUMNS: "200",
  };
  await install(folder);
  await copyGiven(page, folder);
  const small = inTheTest(page);
  const all: Ran[] = [];
  let output: string | undefined = "";
  for (const [index, block] of blocksOf(page).entries()) {
    const { language, marks } = block;
    if (SHOWN.has(language)) continue;
    const text = small(withoutNotRun(name, block.text));
    const needed = marks.get("needs");
    const file = marks.get("file");
    if (file !== undefined) {
      await writeFile(path.join(folder, file), text);
    } else if (language === "text") {
      if (output !== undefined) assertPrinted(name, text, output, folder);
    } else if (text.trim() === "" || (needed !== undefined && !hasModule(needed))) {
      output = undefined;
    } else {
      const command = await commandOf(name, { ...block, text }, folder, `block-${index}.mjs`);
      const ended = await run(command, folder, environment);
      assert.is(ended.code !== 0, marks.has("fails"), `${name}:\n${text}${ended.output}`);
      output = plain(ended.output, folder);
      all.push({ text: block.text, output: ended.output });
    }
  }
  return all;
}

/** A block's text without the lines that are not run. */
function withoutNotRun(page: string, text: string): string {
  const left = NOT_RUN.filter((entry) => entry.page === page);
  return left.reduce((all, entry) => `\n${all}`.replace(`\n${entry.text}\n`, "\n").slice(1), text);
}

/** The replacements of a page, in all that is run. */
function inTheTest(page: string): (text: string) => string {
  const pairs = commentsOf(page, "in the test").map((pair) => / = /.exec(pair)!);
  return (text) =>
    pairs.reduce(
      (all, { input, index }) =>
        all.replaceAll(input.slice(0, index), () => input.slice(index + 3)),
      text,
    );
}

/** Puts what a page takes as given into its folder. */
async function copyGiven(page: string, folder: string): Promise<void> {
  const names = commentsOf(page, "given").flatMap((list) => list.split(", "));
  for (const name of names) {
    await cp(await given(name), path.join(folder, name), { recursive: true });
  }
}

/** The words of the program that runs a block. */
async function commandOf(
  page: string,
  { language, text }: Block,
  folder: string,
  file: string,
): Promise<string[]> {
  if (language === "sh") return ["bash", "-e", "-o", "pipefail", "-c", text];
  assert.ok(
    language === "js" || language === "ts",
    `${page}: a block of ${language} cannot be run: give it a comment, or a line in not-run.ts\n${text}`,
  );
  const { code, errors } = transformSync("block.ts", programOf(text));
  assert.equal(errors, []);
  await writeFile(path.join(folder, file), code);
  return [process.execPath, file];
}

/** A folder in which vadi is installed, and `npx` starts what is. */
async function install(folder: string): Promise<void> {
  const modules = path.join(folder, "node_modules");
  const bin = path.join(modules, ".bin");
  await mkdir(bin, { recursive: true });
  await symlink(root, path.join(modules, "vadi"));
  await symlink(path.join(root, "node_modules/arquero"), path.join(modules, "arquero"));
  await installTensorFlow(path.join(modules, "@tensorflow"));
  await writeFile(path.join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  const programs = {
    vadi: `exec "${process.execPath}" "${path.join(root, "dist/bundle/main.js")}" "$@"`,
    node: `exec "${process.execPath}" "$@"`,
    python3: `exec "${python}" "$@"`,
    npx: 'exec "$@"',
    // What opens a report in a browser.
    "xdg-open": "exit 0",
  };
  for (const [name, command] of Object.entries(programs)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${command}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
}

/** The packages of TensorFlow.js that vadi brings along, and for `@tensorflow/tfjs`, which has them all, a stand-in. */
async function installTensorFlow(folder: string): Promise<void> {
  const whole = path.join(folder, "tfjs");
  await mkdir(whole, { recursive: true });
  for (const name of ["tfjs-core", "tfjs-layers", "tfjs-backend-cpu", "tfjs-backend-wasm"]) {
    await symlink(path.join(root, "node_modules/@tensorflow", name), path.join(folder, name));
  }
  await writeFile(path.join(whole, "package.json"), '{ "type": "module", "main": "index.js" }\n');
  const exported = ["core", "layers"].map((name) => `export * from "@tensorflow/tfjs-${name}";\n`);
  await writeFile(path.join(whole, "index.js"), exported.join(""));
}

interface Ended {
  code: number | null;
  output: string;
}

/** Runs a program to its end. */
function run(
  [program = "", ...words]: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

function assertPrinted(name: string, text: string, output: string, folder: string): void {
  for (const line of text.trim().split("\n")) {
    let end = 0;
    for (const part of plain(line.trim(), folder).split("…")) {
      const start = output.indexOf(part, end);
      assert.ok(start >= 0, `${name}: '${line}' is not in\n${output}`);
      end = start + part.length;
    }
  }
}

/** A text as it is compared: on one line, without the folder's path. */
function plain(text: string, folder: string): string {
  return text.replaceAll(`${folder}/`, "…/").replaceAll(/\s+/g, " ");
}

/** Whether Python has a module. A Python that is named by TEST_PYTHON must have it. */
function hasModule(name: string): boolean {
  const isThere = spawnSync(python, ["-c", `import ${name}`], { stdio: "ignore" }).status === 0;
  assert.ok(isThere || process.env["TEST_PYTHON"] === undefined, `${python} has no ${name}`);
  return isThere;
}
