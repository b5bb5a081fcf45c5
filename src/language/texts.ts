import type { en } from "./en/index.js";

/** The texts of a language. English has the first of each; every other language has the same. */
export type Texts = typeof en;
