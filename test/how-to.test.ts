import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isPlatformServed, unpack } from "./helpers/browser.js";
import { inFolder } from "./helpers/folder.js";
import { assert, test } from "./helpers/test.js";

/*
 * Every command of docs/how-to/ is run as it stands, each page in an empty folder in which vadi is installed. Comments
 * before a block, which readers do not see, say how:
 *
 *   <!-- file: NAME -->              the block is written to NAME
 *   <!-- in the test: A = B -->      in all commands of the page, B stands for A: smaller sizes
 *   <!-- fails -->                   the command must fail
 *   <!-- needs: MODULE -->           run only where Python, or the one that TEST_PYTHON names, has the module
 *   <!-- not run: REASON -->
 *
 * A block of `text` is what the commands before it print: each of its lines is in their output, in which spaces and
 * the folder's path (…/) do not count.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = path.join(root, "docs/how-to");
/** The path of Python; empty where there is none. */
const python = spawnSync(
  process.env["TEST_PYTHON"] ?? "python3",
  ["-c", "import sys; print(sys.executable)"],
  { encoding: "utf8" },
).stdout.trim();

interface Block {
  language: string;
  text: string;
  /** What the comments before it say. */
  marks: Map<string, string>;
}

function blocksOf(page: string): Block[] {
  const pattern = /((?:^<!-- .+ -->\n+)*)^```(\w+)\n([\s\S]*?)^```$/gm;
  return [...page.matchAll(pattern)].map(([, comments = "", language = "", text = ""]) => {
    const found = comments.matchAll(/^<!-- ([\w ]+?)(?:: (.+))? -->$/gm);
    const marks = new Map([...found].map(([, name = "", value = ""]) => [name, value]));
    return { language, text, marks };
  });
}

/** The replacements of a page, in all that is run. */
function inTheTest(page: string): (text: string) => string {
  const pairs = [...page.matchAll(/^<!-- in the test: (.+) = (.+) -->$/gm)];
  return (text) => pairs.reduce((all, [, from = "", to = ""]) => all.replaceAll(from, to), text);
}

/** A folder in which vadi is installed, and `npx` starts what is. */
async function installVadi(folder: string): Promise<void> {
  const bin = path.join(folder, "node_modules/.bin");
  await mkdir(bin, { recursive: true });
  await symlink(root, path.join(folder, "node_modules/vadi"));
  await symlink(
    path.join(root, "node_modules/@tensorflow"),
    path.join(folder, "node_modules/@tensorflow"),
  );
  await writeFile(path.join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  const programs = {
    vadi: `exec "${process.execPath}" "${path.join(root, "dist/bundle/main.js")}" "$@"`,
    node: `exec "${process.execPath}" "$@"`,
    python3: `exec "${python}" "$@"`,
    npx: 'exec "$@"',
  };
  for (const [name, command] of Object.entries(programs)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${command}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
}

interface Ended {
  code: number | null;
  output: string;
}

function shell(script: string, folder: string, browser: string): Promise<Ended> {
  const bin = path.join(folder, "node_modules/.bin");
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-e", "-o", "pipefail", "-c", script], {
      cwd: folder,
      env: {
        ...process.env,
        PATH: `${bin}:${process.env["PATH"]}`,
        VADI_BROWSER: browser,
        COLUMNS: "200",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
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

async function runPage(name: string, folder: string): Promise<void> {
  const page = readFileSync(path.join(pages, name), "utf8");
  const needsBrowser = page.includes("VADI_BROWSER");
  if (needsBrowser && !isPlatformServed()) return;
  const browser = needsBrowser ? await unpack(folder) : "";
  const small = inTheTest(page);
  await installVadi(folder);
  let output: string | undefined;
  for (const { language, text, marks } of blocksOf(page)) {
    const needed = marks.get("needs");
    const file = marks.get("file");
    if (marks.has("not run") || (needed !== undefined && !hasModule(needed))) {
      output = undefined;
    } else if (file !== undefined) {
      await writeFile(path.join(folder, file), small(text));
    } else if (language === "sh") {
      const ended = await shell(small(text), folder, browser);
      const hasFailed = ended.code !== 0;
      assert.is(hasFailed, marks.has("fails"), `${name}:\n${text}${ended.output}`);
      output = plain(ended.output, folder);
    } else if (language === "text" && output !== undefined) {
      for (const line of text.trim().split("\n")) {
        const wanted = plain(small(line.trim()), folder);
        assert.ok(output.includes(wanted), `${name}: '${wanted}' is not in\n${output}`);
      }
    }
  }
}

test(
  "every command of the how-to pages does what its page says",
  inFolder(async (folder) => {
    const names = readdirSync(pages).filter((name) => name.endsWith(".md"));
    assert.ok(names.length >= 8);
    const wanted = process.env["TEST_PAGE"];
    const left = names.filter((name) => wanted === undefined || name === wanted);
    const work = async (): Promise<void> => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        const own = path.join(folder, name);
        await mkdir(own);
        await runPage(name, own);
      }
    };
    await Promise.all([work(), work()]);
  }),
);

test.run();
