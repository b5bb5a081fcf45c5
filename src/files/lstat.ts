import { lstat as withCallback } from "node:fs";
import { promisify } from "node:util";

/** As `lstat` of node:fs/promises, which takes three times as long: datasets have up to a million files. */
export const lstat = promisify(withCallback);
