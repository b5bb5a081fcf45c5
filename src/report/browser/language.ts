// The language of the page.

import { scriptLanguage, type LanguageCode } from "../../language/script.js";

// Tests import single modules where there is no page.
const lang = "document" in globalThis ? document.documentElement.lang : "en";
const code: LanguageCode = lang === "tr" ? "tr" : "en";

/** The texts of this script, and how the page's language writes numbers. */
export const { script, format } = scriptLanguage(code);
