import path from "node:path";
import { usageError } from "../../common/errors.js";
import { isUrl } from "../../files/output-path.js";

/** Whether a source is a folder in object storage or on a web server rather than on disk. */
export function isRemote(source: string): boolean {
  return /^(?:s3|https?):\/\//i.test(source);
}

/**
 * A folder's name in full: a path becomes absolute, a URL loses the slashes at its end.
 *
 * @throws a usage error for other URLs
 */
export function absoluteLocation(folder: string): string {
  checkUrl(folder);
  return isRemote(folder) ? folder.replace(/(?<=[^/:])\/+$/, "") : path.resolve(folder);
}

/** Throws a usage error for URLs that name no place which vadi knows. */
export function checkUrl(source: string): void {
  if (!isUrl(source) || isRemote(source)) return;
  throw usageError(
    `${source} is no place that vadi knows; write s3://BUCKET/PREFIX, https://HOST/PATH or a path on disk.`,
  );
}

/** The name of a file in a folder on disk or elsewhere. */
export function locationIn(folder: string, file: string): string {
  return isRemote(folder) ? `${folder}/${file}` : path.join(folder, file);
}
