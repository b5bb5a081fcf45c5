import { optionFlag } from "../../src/common/command-line.js";
import { readFileSync } from "node:fs";
import { assert, test } from "../helpers/test.js";
import { loadCommands } from "../../src/cli/commands/index.js";
import { layOutHelp } from "../../src/cli/parse/help.js";
import { readCommandLine } from "../../src/cli/parse/parse.js";
import { vadi } from "./vadi.js";

const commands = await loadCommands();

const manifest = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
) as { version: string };

function helpOf(name?: string): Promise<string> {
  return layOutHelp(
    commands,
    commands.find((command) => command.name === name),
    100,
  );
}

test("--help lists every command and goes to stdout", async () => {
  const { code, stdout, stderr } = await vadi(["--help"]);
  assert.is(code, 0);
  assert.is(stderr, "");
  for (const { name, describe } of commands) assert.match(stdout, `vadi ${name}`, describe);
  assert.match(stdout, "VADI_OPTION_NAME");
});

test("--version is the package's", async () => {
  const { code, stdout, stderr } = await vadi(["--version"]);
  assert.is(code, 0);
  assert.is(stdout, `${manifest.version}\n`);
  assert.is(stderr, "");
});

test("no command at all is an error that shows the help", async () => {
  const { code, stdout, stderr } = await vadi([]);
  assert.is(code, 2);
  assert.is(stdout, "");
  assert.match(stderr, "Usage: vadi COMMAND");
});

test("every command's help has its usage, options, examples and where options come from", async () => {
  for (const command of commands) {
    const text = await helpOf(command.name);
    assert.match(text, `Usage: vadi ${command.name}`);
    assert.match(text, command.describe);
    for (const name of Object.keys(command.options)) assert.match(text, `${optionFlag(name)} `);
    for (const name of ["json", "quiet", "debug", "config", "help", "version"]) {
      assert.match(text, `--${name} `);
    }
    assert.match(text, "Examples:");
    assert.ok(command.examples.length > 0);
    for (const example of command.examples) {
      assert.match(text, `\n  # ${example.describe}\n  ${example.command}\n`);
    }
    assert.match(text, "VADI_OPTION_NAME");
    assert.not.match(text, "[array]");
  }
  assert.match(await helpOf("runs"), /folder .*\[default: \.\]/);
});

test("no line of any help is wider than the terminal", async () => {
  for (const name of [undefined, ...commands.map((command) => command.name)]) {
    for (const line of (await helpOf(name)).split("\n")) assert.ok(line.length <= 100, line);
  }
});

test("every example is a command line that vadi understands", () => {
  for (const { examples } of commands) {
    for (const { command } of examples) {
      const [program, ...words] = command.split(" ");
      assert.is(program, "vadi");
      const line = { commands, environment: {} };
      assert.is(readCommandLine(words, line).kind, "run", command);
    }
  }
});

test("`vadi help train` is `vadi train --help`", async () => {
  const { code, stdout } = await vadi(["help", "train"]);
  assert.is(code, 0);
  assert.match(stdout, "Usage: vadi train <dataset>");
  assert.match(stdout, /--learning-rate .*\[default: 0\.001\]/);
});

test.run();
