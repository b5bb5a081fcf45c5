import { optionFlag } from "../../src/common/command-line.js";
import type { Option, Options } from "../../src/common/options/options.js";
import type { Command, Example } from "../../src/cli/parse/command.js";
import { COMMON } from "../../src/cli/parse/common.js";
import { usageOf } from "../../src/cli/parse/usage.js";

/*
 * The page of all commands, from the tables that --help is laid out from.
 */

const INTRODUCTION = `<!-- Made by \`npm run docs\`. -->
<!-- given: data/other, data/large.parts, work/verify, slices/1, slices/2, plan.jsonl -->
<!-- given: houses.csv, trips.csv.gz, trips.parquet, trips/2024.parquet -->
<!-- in the test: --rows 100M = --rows 10k --shard-rows 100 -->
<!-- in the test: --rows 10G = --rows 10k --shard-rows 100 -->
<!-- in the test: data/sigmoid --format parquet = data/sigmoid --format parquet --rows 2k --shard-rows 500 -->
<!-- in the test: --epochs 100 = --epochs 100 --batch-size 500 -->
<!-- in the test: --scale 0.5 = --scale 0.5 --epochs 20 -->
<!-- in the test: sgd --quick = sgd --quick --rows 10k -->

# Commands

What \`vadi COMMAND --help\` prints. In a project that has vadi installed, write \`npx vadi\` for \`vadi\`. Counts may be written
\`100M\`, \`1e8\` or \`100_000_000\`, sizes of memory \`256MiB\`. Every option can also be given as \`VADI_OPTION_NAME\` in the
environment, or in a JSON file that \`--config\` names; the command line wins over the environment, which wins over the
file. The exit code is 0 where all went well, 1 where the job failed, 2 for a command that is wrong, and 130 after Ctrl-C.
`;

/** The page as Markdown. */
export function commandsPage(commands: readonly Command[]): string {
  const list = commands.map(
    (command) =>
      `| [\`vadi ${command.name}\`](#vadi-${command.name}) | ${cell(command.describe)} |`,
  );
  return [
    INTRODUCTION,
    "| command | what it does |\n| --- | --- |",
    `${list.join("\n")}\n`,
    `## Options of every command\n\n${optionTable(COMMON)}\n`,
    ...commands.map(sectionOf),
  ].join("\n");
}

function sectionOf(command: Command): string {
  const { name, describe, positionals, options, examples } = command;
  const hasArguments = Object.keys(positionals).length > 0;
  return [
    `## vadi ${name}\n\n${describe}.\n`,
    `\`\`\`\nvadi ${usageOf(command)} [options]\n\`\`\`\n`,
    ...(hasArguments ? [`${argumentTable(positionals)}\n`] : []),
    ...(Object.keys(options).length > 0 ? [`${optionTable(options)}\n`] : []),
    `${examplesOf(examples)}\n`,
  ].join("\n");
}

function argumentTable(positionals: Options): string {
  const rows = Object.entries(positionals).map(
    ([name, option]) => `| \`${name}\` | ${cell(option.help)} | ${defaultOf(option)} |`,
  );
  return ["| argument | | default |\n| --- | --- | --- |", ...rows].join("\n");
}

function optionTable(options: Options): string {
  const rows = Object.entries(options).map(
    ([name, option]) => `| \`${optionFlag(name)}\` | ${cell(option.help)} | ${defaultOf(option)} |`,
  );
  return ["| option | | default |\n| --- | --- | --- |", ...rows].join("\n");
}

function defaultOf({ kind, required, default: value, defaultText }: Option): string {
  if (required === true) return "must be given";
  if (kind.isSwitch === true && value !== true) return "off";
  return cell(defaultText ?? (value === undefined ? "" : kind.print(value)));
}

function examplesOf(examples: readonly Example[]): string {
  const lines = examples.map(({ command, describe }) => `# ${describe}\n${command}`);
  return `\`\`\`sh\n${lines.join("\n\n")}\n\`\`\``;
}

/** Text in a cell of a table: no column ends in it, and nothing of it is markup. */
function cell(text: string): string {
  return text.replaceAll(/[|<>*_{}[\]]/g, (character) => `\\${character}`);
}
