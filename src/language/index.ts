/**
 * What readers of reports and lessons read, one folder per language, and how each language writes numbers.
 * Every text is `texts.GROUP.NAME`; TypeScript finds one that a language lacks, a test one that nothing uses.
 */
export { LANGUAGE_CODES, type LanguageCode } from "./codes.js";
export type { Format } from "./format.js";
export { languageOf } from "./language.js";
export type { Language } from "./language.js";
export type { Texts } from "./texts.js";
