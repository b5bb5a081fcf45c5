import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";
import { loadCommands } from "../../src/cli/commands/index.js";
import { layOutHelp } from "../../src/cli/parse/help.js";
import { HELP_COLUMNS, printPrepared } from "../../src/cli/parse/prepared.js";
import { VERSION } from "../../src/common/version.js";

const bundle = fileURLToPath(new URL("../../bundle", import.meta.url));

function textOf(name: string): string {
  return readFileSync(path.join(bundle, "help", `${name}.txt`), "utf8");
}

/** The standard output of a program in the package's folder. */
function outputOf(program: string): string {
  const words = ["--input-type=module", "-e", program];
  return execFileSync(process.execPath, words, { cwd: path.dirname(bundle), encoding: "utf8" });
}

test("the prepared texts are the version and every help", async () => {
  const commands = await loadCommands();
  assert.is(textOf("version"), `${VERSION}\n`);
  assert.is(textOf("vadi"), `${await layOutHelp(commands, undefined, HELP_COLUMNS)}\n`);
  for (const command of commands) {
    const help = await layOutHelp(commands, command, HELP_COLUMNS);
    assert.is(textOf(command.name), `${help}\n`, command.name);
  }
});

test("what is no plain question for a prepared text is left to the command line", () => {
  for (const words of [
    [],
    ["train"],
    ["--version", "--json"],
    ["train", "data", "--help"],
    ["../../package", "--help"],
    ["version", "--help"],
    ["nothing", "--help"],
    ["help", "nothing"],
  ]) {
    assert.is(printPrepared(words), false, words.join(" "));
  }
});

test("a program that reads batches loads no TensorFlow.js, no server and no decoder", () => {
  const loaded = outputOf(`
    import { createRequire } from "node:module";
    await import("vadi");
    console.log(Object.keys(createRequire(import.meta.url).cache).join("\\n"));
  `);
  assert.is(loaded.trim(), "");
});

test("both forms of the package's functions are there", () => {
  const names = outputOf(`console.log(Object.keys(await import("vadi")).sort().join(" "));`);
  const plain = outputOf(
    `console.log(Object.keys(await import("./src/index.js")).sort().join(" "));`,
  );
  assert.is(names, plain);
});

test("the bundle loads no package but those that are installed with it, and optional ones", () => {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(path.join(bundle, "../../package.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  const known = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
  const loading =
    /^(?:import|export)\b[^;"]*"([^".][^"]*)";$|\bimport\("([^".][^"]*)"\)|(?:\(import\.meta\.url\)(?:\.resolve)?|\b__require)\("([^".][^"]*)"\)/gm;
  const loaded = new Set<string>();
  for (const file of readdirSync(bundle).filter((name) => name.endsWith(".js"))) {
    for (const [, ...names] of readFileSync(path.join(bundle, file), "utf8").matchAll(loading)) {
      const name = names.find((one) => one !== undefined) ?? "";
      const [owner = ""] = /^(?:@[^/]+\/)?[^/]+/.exec(name) ?? [];
      // fdir asks for picomatch, and does without.
      if (isBuiltin(name) || name === "picomatch") continue;
      assert.ok(known.has(owner), `${file} loads ${name}`);
      loaded.add(owner);
    }
  }
  for (const name of Object.keys(dependencies!)) {
    assert.ok(loaded.has(name), `nothing in the bundle loads ${name}`);
  }
});

test("files are checked by zod/mini alone; the bundle has the licences of what it contains", () => {
  const source = fileURLToPath(new URL("../../../src", import.meta.url));
  for (const file of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    assert.not.match(readFileSync(path.join(source, file), "utf8"), /from "zod";/, file);
  }
  const licences = readFileSync(path.join(bundle, "LICENCES.txt"), "utf8");
  for (const name of ["zod", "yargs", "hyparquet", "ml-matrix", "pbf", "temml", "apache-arrow"]) {
    assert.match(licences, new RegExp(`^${name} \\d`, "m"));
  }
});

test.run();
