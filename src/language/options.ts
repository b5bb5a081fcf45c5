import { choice, type Kind } from "../common/options/kinds.js";
import { withDefault } from "../common/options/options.js";
import { LANGUAGE_CODES, type LanguageCode } from "./codes.js";

export const languageKind: Kind<LanguageCode> = choice(LANGUAGE_CODES);

/** The language of what readers read. */
export const languageOptions = {
  language: withDefault(languageKind, "en", "Language of texts and numbers: en or tr (Turkish)"),
};
