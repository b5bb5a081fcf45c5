import path from "node:path";
import { usageError } from "../common/errors.js";

/** Whether a name is a URL, such as s3://BUCKET/PREFIX, and no path. */
export function isUrl(name: string): boolean {
  return /^[a-z][a-z\d+.-]+:\/\//i.test(name);
}

/**
 * The absolute path of what is written to disk alone. A URL would become a folder `s3:` here.
 *
 * @throws a usage error for a URL
 */
export function outputPath(out: string): string {
  if (!isUrl(out)) return path.resolve(out);
  throw usageError(
    (option) =>
      `${option("out")} is ${out}, but only datasets are written to a store; name a place on disk.`,
  );
}
