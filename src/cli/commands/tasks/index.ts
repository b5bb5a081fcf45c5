/**
 * Commands for many machines: dividing a job into tasks, and doing them.
 * Uses parse and terminal.
 *
 * @module
 */
export { planCommand } from "./plan.js";
export { taskCommand } from "./task.js";
