import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { globSync } from "tinyglobby";
import { loadCommands } from "../../src/cli/commands/index.js";
import { COMMON } from "../../src/cli/parse/common.js";
import { readCommandLine } from "../../src/cli/parse/parse.js";
import { optionFlag } from "../../src/common/command-line.js";
import { commandsPage } from "../../scripts/docs/commands-page.js";
import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { blocksOf } from "./blocks.js";
import { NOT_RUN } from "./not-run.js";
import { programOf } from "./programs.js";

/*
 * What the pages of docs/ say can be done: commands, programs and links, all read by what reads them. The tests beside
 * this one run them.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pages = [
  ...globSync("docs/**/*.md", { cwd: root }),
  "README.md",
  "CONTRIBUTING.md",
].toSorted();

/** The programs of a page in some languages. */
function programsIn(page: string, ...languages: readonly string[]): string[] {
  const found = blocksOf(textOf(page)).filter(({ language }) => languages.includes(language));
  return found.map(({ text }) => text);
}

const textOf = (page: string): string => readFileSync(path.join(root, page), "utf8");

/** The words of each command of a shell program that begins with `vadi`. */
function vadiCommands(program: string): string[][] {
  const commands: string[][] = [[]];
  const token = /\\\n|"((?:[^"\\]|\\.)*)"|'([^']*)'|(#.*)|(\|\||&&|[|;&<>()\n])|([^\s"'|;&<>()]+)/g;
  for (const [, double, single, comment, end, word] of program.matchAll(token)) {
    if (comment !== undefined) continue;
    if (end !== undefined) commands.push([]);
    else if (double !== undefined || single !== undefined || word !== undefined) {
      // A variable stands for a number.
      commands.at(-1)!.push((double ?? single ?? word!).replace(/^\$\w+$/, "1"));
    }
  }
  return commands.flatMap((words) => {
    const start = words.findIndex((word) => word === "vadi");
    const before = words.slice(0, Math.max(0, start));
    // Variables, `npx`, and programs that start others.
    return start < 0 || before.some((word) => word === "completion")
      ? []
      : [words.slice(start + 1)];
  });
}

test("the page of all commands is what the tables of options say", async () => {
  const page = await readFile(path.join(root, "docs/commands.md"), "utf8");
  assert.ok(page === commandsPage(await loadCommands()), "run `npm run docs` and commit the page");
});

test("the command line knows every command and option of the pages", async () => {
  const commands = await loadCommands();
  let count = 0;
  for (const page of pages) {
    for (const words of programsIn(page, "sh", "bash").flatMap(vadiCommands)) {
      count++;
      try {
        readCommandLine(words, { commands, environment: {} });
      } catch (error) {
        throw new Error(`${page}: vadi ${words.join(" ")}: ${String(error)}`, { cause: error });
      }
    }
  }
  assert.ok(count > 150, `${count} commands`);
});

test("every command and option that sentences name is there", async () => {
  const commands = new Map((await loadCommands()).map((command) => [command.name, command]));
  let count = 0;
  for (const page of pages) {
    const sentences = textOf(page).replaceAll(/^```[\s\S]*?^```/gm, "");
    for (const [, name = "", rest = ""] of sentences.matchAll(/`(?:npx )?vadi ([a-z]+)([^`]*)`/g)) {
      const command = commands.get(name);
      assert.ok(command, `${page}: vadi ${name}`);
      const names = Object.keys({ ...command.options, ...COMMON });
      const flags = new Set([...names.map(optionFlag), "--help", "--version"]);
      for (const [flag] of rest.matchAll(/(?<=\s)--[\w-]+/g)) {
        count++;
        assert.ok(flags.has(flag), `${page}: vadi ${name}${rest}: ${flag}`);
      }
    }
  }
  assert.ok(count > 20, `${count} options`);
});

test("every command that is not run stands on its page, and has a reason", () => {
  for (const { page, text, reason } of NOT_RUN) {
    const blocks = blocksOf(textOf(page)).filter((block) =>
      `\n${block.text}`.includes(`\n${text}\n`),
    );
    assert.is(blocks.length, 1, `${page} has no block, or several, with these lines: ${text}`);
    assert.ok(reason.length > 20, text);
  }
});

test("every npm script that the pages name is there", () => {
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  for (const page of pages) {
    for (const [, name = ""] of textOf(page).matchAll(/npm run (?:--silent )?([\w-]+)/g)) {
      assert.ok(Object.hasOwn(scripts, name), `${page}: npm run ${name}`);
    }
  }
});

/** The name that a heading has in links. */
function anchorOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}

test("every link between the pages leads to a file and a heading", () => {
  const links = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !/^(?:https?:|mailto:)/.test(link))
      .map((link) => ({ page, link })),
  );
  assert.ok(links.length > 100);
  for (const { page, link } of links) {
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? page : path.join(path.dirname(page), file);
    assert.ok(existsSync(path.join(root, target)), `${page}: ${link}`);
    if (anchor === undefined || !target.endsWith(".md")) continue;
    const headings = textOf(target)
      .replaceAll(/^```[\s\S]*?^```/gm, "")
      .matchAll(/^#+ (.+)$/gm);
    const anchors = [...headings].map(([, heading = ""]) => anchorOf(heading));
    assert.ok(anchors.includes(anchor), `${page}: ${link}`);
  }
});

/** Arquero takes the tables of apache-arrow, but its types do not. */
const ARQUERO = 'declare module "arquero";';

test(
  "every program of the pages has the types of the package",
  inFolder(async (folder) => {
    const modules = path.join(folder, "node_modules");
    await mkdir(path.join(modules, "@tensorflow"), { recursive: true });
    await symlink(root, path.join(modules, "vadi"));
    for (const name of ["tfjs-core", "tfjs-layers", "tfjs-backend-cpu"].map(
      (tf) => `@tensorflow/${tf}`,
    )) {
      await symlink(path.join(root, "node_modules", name), path.join(modules, name));
    }
    await symlink(path.join(root, "node_modules/@types"), path.join(modules, "@types"));
    // What a user has of TensorFlow.js includes this.
    await symlink(
      path.join(root, "node_modules/@tensorflow/tfjs-core"),
      path.join(modules, "@tensorflow/tfjs"),
    );
    const names: string[] = [];
    for (const page of pages) {
      for (const [index, program] of programsIn(page, "js", "ts").entries()) {
        const name = `${page.replaceAll(/[/.]/g, "-")}-${index}.ts`;
        names.push(name);
        await writeFile(path.join(folder, name), programOf(program, true));
      }
    }
    assert.ok(names.length > 8);
    await writeFile(path.join(folder, "arquero.d.ts"), ARQUERO);
    await writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
    const words = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2023"];
    const tsc = path.join(root, "node_modules/.bin/tsc");
    const { stdout } = await promisify(execFile)(
      tsc,
      [...words, "--module", "nodenext", "--types", "node", "arquero.d.ts", ...names],
      { cwd: folder },
    ).catch((error: unknown) => error as { stdout: string });
    assert.is(stdout, "");
  }),
);

test.run();
