import type { LanguageCode } from "./codes.js";
import { en } from "./en/index.js";
import { formatOf, type Format } from "./format.js";
import type { Texts } from "./texts.js";
import { tr } from "./tr/index.js";

/** A language: its texts, and how it writes numbers. */
export interface Language extends Format {
  texts: Texts;
}

const LANGUAGES: Readonly<Record<LanguageCode, Language>> = {
  en: { ...formatOf("en"), texts: en },
  tr: { ...formatOf("tr"), texts: tr },
};

export function languageOf(code: LanguageCode): Language {
  return LANGUAGES[code];
}
