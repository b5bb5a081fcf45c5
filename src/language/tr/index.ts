/**
 * The texts in Turkish, by where they are read.
 *
 * @module
 */
import type { Texts } from "../texts.js";
import { certificate } from "./certificate.js";
import { page } from "./page.js";
import { script } from "./script.js";

export const tr: Texts = { certificate, page, script };
