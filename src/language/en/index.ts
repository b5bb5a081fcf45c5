/**
 * The texts in English, by where they are read.
 *
 * @module
 */
import { page } from "./page.js";
import { script } from "./script.js";

export const en = { page, script };
