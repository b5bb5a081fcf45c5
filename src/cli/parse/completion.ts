import { optionFlag, shellWord } from "../../common/command-line.js";
import type { Option, Options } from "../../common/options/options.js";
import type { Command } from "./command.js";
import { COMMON } from "./common.js";

/*
 * Scripts that complete command lines in a shell. They hold the names themselves, from the tables of options, so
 * that no program starts when a key is pressed; a new version of vadi needs a new script.
 */

/** The shells that there are scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as the scripts need it. */
interface Completed {
  name: string;
  describe: string;
  flags: { flag: string; help: string; isSwitch: boolean; words: readonly string[] }[];
  /** What each argument may be; an empty list: a file. */
  positionals: (readonly string[])[];
}

const HELP: Completed["flags"][number] = {
  flag: "--help",
  help: "Show this help",
  isSwitch: true,
  words: [],
};

/**
 * The script for a shell.
 *
 * @param experiments names that `vadi experiment` takes
 */
export function completionScript(
  shell: Shell,
  commands: readonly Command[],
  experiments: readonly string[],
): string {
  const completed = commands.map((command): Completed => {
    const { name, describe, positionals } = command;
    const options: Options = { ...command.options, ...COMMON };
    return {
      name,
      describe,
      flags: [...Object.entries(options).map(flagOf), HELP],
      positionals: Object.values(positionals).map(
        ({ kind }) => kind.words ?? (name === "experiment" ? experiments : []),
      ),
    };
  });
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](completed);
}

function flagOf([name, { kind, help }]: [string, Option]): Completed["flags"][number] {
  return {
    flag: optionFlag(name),
    help,
    isSwitch: kind.isSwitch === true,
    words: kind.words ?? [],
  };
}

/** A word between single quotes, as all three shells read it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function bashScript(commands: readonly Completed[]): string {
  const values = commands.flatMap(({ name, flags }) =>
    flags.flatMap(({ flag, isSwitch, words }) => {
      if (isSwitch) return [];
      // Without words, bash offers files.
      const offer = words.length === 0 ? "" : `_vadi_offer ${quoted(words.join(" "))}; `;
      return [`    ${quoted(`${name} ${flag}`)}) ${offer}return ;;`];
    }),
  );
  const flags = commands.map(
    (command) =>
      `      ${command.name}) _vadi_offer ${quoted(command.flags.map(({ flag }) => flag).join(" "))} ;;`,
  );
  const positionals = commands.flatMap(({ name, positionals: places }) =>
    places.flatMap((words, index) =>
      words.length === 0
        ? []
        : [`    ${quoted(`${name} ${index}`)}) _vadi_offer ${quoted(words.join(" "))} ;;`],
    ),
  );
  return `# Completes the command lines of vadi in bash: vadi completion bash >> ~/.bashrc
_vadi_offer() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}
_vadi() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    _vadi_offer ${quoted(["--help", "--version", ...commands.map(({ name }) => name)].join(" "))}
    return
  fi
  case "$command $previous" in
${values.join("\n")}
  esac
  if [[ $current == -* ]]; then
    case $command in
${flags.join("\n")}
    esac
    return
  fi
  local word place=0
  for word in "\${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
    [[ $word == -* ]] && return
    (( place++ ))
  done
  case "$command $place" in
${positionals.join("\n")}
  esac
}
complete -o default -o filenames -F _vadi vadi
`;
}

/** In a description, brackets and colons are zsh's own. */
function described(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
}

/** What zsh offers for a value. */
function zshAction(words: readonly string[]): string {
  return words.length === 0 ? "_files" : `(${words.map(shellWord).join(" ")})`;
}

function zshScript(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, flags, positionals }) => {
    const lines = [
      ...flags.map(({ flag, help, isSwitch, words }) =>
        quoted(`${flag}[${described(help)}]${isSwitch ? "" : `:value:${zshAction(words)}`}`),
      ),
      ...positionals.map((words, index) => quoted(`${index + 1}:argument:${zshAction(words)}`)),
      // Some commands take several files.
      ...(positionals.at(-1)?.length === 0 ? [quoted("*:argument:_files")] : []),
    ];
    return `    ${name})\n      _arguments -s ${lines.join(" \\\n        ")} ;;`;
  });
  const list = commands.map(
    ({ name, describe }) => `    ${quoted(`${name}:${described(describe)}`)}`,
  );
  return `#compdef vadi
# Completes the command lines of vadi in zsh: vadi completion zsh > "\${fpath[1]}/_vadi"
_vadi() {
  local -a commands=(
${list.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _vadi "$@"
else
  compdef _vadi vadi
fi
`;
}

function fishScript(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const lines = commands.flatMap(({ name, describe, flags, positionals }) => {
    const here = `complete -c vadi -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c vadi -f -n ${quoted(`not __fish_seen_subcommand_from ${names}`)} -a ${name} -d ${quoted(describe)}`,
      ...flags.map(({ flag, help, isSwitch, words }) => {
        const value = isSwitch
          ? ""
          : words.length === 0
            ? " -r"
            : ` -x -a ${quoted(words.join(" "))}`;
        return `${here} -l ${flag.slice(2)}${value} -d ${quoted(help)}`;
      }),
      ...positionals
        .filter((words) => words.length > 0)
        .map((words) => `${here} -a ${quoted(words.join(" "))}`),
    ];
  });
  return `# Completes the command lines of vadi in fish: vadi completion fish > ~/.config/fish/completions/vadi.fish
${lines.join("\n")}
`;
}
