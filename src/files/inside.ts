import { lstat, realpath } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, isAbsent } from "../common/errors.js";

/**
 * Checks that files of a folder lie in it: a folder from a stranger may hold links to other files of this machine.
 * What does not exist is passed over; whoever reads it says so.
 *
 * @param names relative to the folder
 * @throws a failure that names the link
 */
export async function checkInside(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = path.join(folder, name);
    try {
      // Most are no links, and need no look at where the folder is.
      const parts = path.normalize(name).split(path.sep);
      const isLink = await Promise.all(
        parts.map((_, at) => lstat(path.join(folder, ...parts.slice(0, at + 1)))),
      );
      if (!isLink.some((found) => found.isSymbolicLink())) continue;
      const relative = path.relative(await realpath(folder), await realpath(file));
      if (!relative.startsWith("..") && !path.isAbsolute(relative)) continue;
    } catch (error) {
      if (isAbsent(error)) continue;
      throw failure(`Could not open ${file}: ${messageOf(error)}.`, error);
    }
    throw failure(`${file} is a link to a file outside ${folder}, which is not opened.`);
  }
}
