/**
 * The texts in English, by where they are read.
 *
 * @module
 */
import { certificate } from "./certificate.js";
import { page } from "./page.js";
import { script } from "./script.js";

export const en = { certificate, page, script };
