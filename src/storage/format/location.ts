import path from "node:path";

/** Whether a source is a folder in object storage or on a web server rather than on disk. */
export function isRemote(source: string): boolean {
  return /^(?:s3|https?):\/\//i.test(source);
}

/** A folder's name in full: a path becomes absolute, a URL loses the slashes at its end. */
export function absoluteLocation(folder: string): string {
  return isRemote(folder) ? folder.replace(/(?<=[^/:])\/+$/, "") : path.resolve(folder);
}

/** The name of a file in a folder on disk or elsewhere. */
export function locationIn(folder: string, file: string): string {
  return isRemote(folder) ? `${folder}/${file}` : path.join(folder, file);
}
