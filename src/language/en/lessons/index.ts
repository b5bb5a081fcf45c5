/**
 * The words of the lessons in English, by the names of their experiments.
 *
 * @module
 */
import { line } from "./line.js";
import { machine } from "./machine.js";
import { network } from "./network.js";
import { valley } from "./valley.js";

export const lessons = { ...line, ...valley, ...network, ...machine };
