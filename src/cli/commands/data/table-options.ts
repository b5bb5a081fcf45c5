import { usageError } from "../../../common/errors.js";
import type { Dataset } from "../../../stream/index.js";
import type { CommandContext } from "../../parse/command.js";
import {
  choice,
  optional,
  present,
  text,
  withDefault,
  type Option,
  type ValuesOf,
} from "../../parse/options.js";

/** Names of columns, divided by commas. */
const names: { parse: (given: string, option: string) => string[] } = {
  parse(given, option) {
    const found = given.split(",").map((name) => name.trim());
    if (found.includes("")) {
      throw usageError(`${option} must be names of columns divided by commas, as a,b,c.`);
    }
    return found;
  },
};

/** How a table is read, wherever one is named. */
export const tableOptions: {
  target: Option<string | undefined>;
  features: Option<string[] | undefined>;
  invalid: Option<"error" | "drop">;
} = {
  target: optional(text, "Of a table: the target's column", "y"),
  features: optional(
    names,
    "Of a table: the features' columns, a,b,c",
    "all numeric ones but the target",
  ),
  invalid: withDefault(
    choice(["error", "drop"]),
    "error",
    "Of a table: rows with null, NaN, infinite or other invalid values: error or drop",
  ),
};

/** Opens the dataset or table that a command was given, and notes what its user should know of it. */
export async function openGiven(
  source: string,
  { target, features, invalid }: ValuesOf<typeof tableOptions>,
  { signal, onProgress, note }: CommandContext,
): Promise<Dataset> {
  const { openDataset } = await import("../../../stream/index.js");
  const options = { ...present({ target, features, invalid }), signal, onProgress };
  const dataset = await openDataset(source, options);
  for (const warning of dataset.warnings) note(warning);
  return dataset;
}
