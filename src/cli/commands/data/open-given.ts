import { pickOptions, type GivenOptions } from "../../../common/options/options.js";
import { tableOptions } from "../../../storage/options.js";
import type { Dataset } from "../../../stream/index.js";
import type { CommandContext } from "../../parse/command.js";

/** Opens the dataset or table that a command was given, and notes what its user should know of it. */
export async function openGiven(
  source: string,
  values: GivenOptions<typeof tableOptions>,
  { signal, onProgress, note }: CommandContext,
): Promise<Dataset> {
  const { openDataset } = await import("../../../stream/index.js");
  const options = { ...pickOptions(tableOptions, values), signal, onProgress };
  const dataset = await openDataset(source, options);
  for (const warning of dataset.warnings) note(warning);
  return dataset;
}
