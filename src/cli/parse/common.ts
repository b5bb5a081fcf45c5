import { text } from "../../common/options/kinds.js";
import { flag, optional } from "../../common/options/options.js";

/** The options that every command has. */
export const COMMON = {
  json: flag("Print one JSON document on stdout and nothing else there"),
  quiet: flag("Print no progress and no notes"),
  debug: flag("Print the stack of an error"),
  config: optional(text, "Read options from a JSON file"),
};
