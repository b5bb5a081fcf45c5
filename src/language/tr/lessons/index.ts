/**
 * The words of the lessons in Turkish, by the names of their experiments.
 *
 * @module
 */
import type { Texts } from "../../texts.js";
import { line } from "./line.js";
import { machine } from "./machine.js";
import { network } from "./network.js";
import { valley } from "./valley.js";

export const lessons: Texts["course"]["lessons"] = { ...line, ...valley, ...network, ...machine };
