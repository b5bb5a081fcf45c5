import type { LanguageCode } from "./codes.js";
import { script as en } from "./en/script.js";
import { formatOf, type Format } from "./format.js";
import { script as tr } from "./tr/script.js";

/*
 * The part of a language that the page's script uses: the bundle of the script has no other texts.
 */

export type ScriptTexts = typeof en;

export type { Format, LanguageCode };

/** The texts of the page's script, and how the language writes numbers. */
export function scriptLanguage(code: LanguageCode): { script: ScriptTexts; format: Format } {
  return { script: { en, tr }[code], format: formatOf(code) };
}
