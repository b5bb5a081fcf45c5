import type { Option } from "../../common/options/options.js";
import type { Command } from "./command.js";

/** A command with its arguments: `train <dataset>`. */
export function usageOf(command: Command): string {
  const words = Object.entries(command.positionals).map(([name, option]) =>
    option.required === true ? `<${dotted(name, option)}>` : bracketed([name, option]),
  );
  return [command.name, ...words].join(" ");
}

/** An argument that may be left out: `[folder]`. */
export function bracketed([name, option]: [string, Option]): string {
  return `[${dotted(name, option)}]`;
}

function dotted(name: string, option: Option): string {
  return option.many === true ? `${name}..` : name;
}
