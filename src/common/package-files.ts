import { existsSync } from "node:fs";

/** The folder that holds this package's package.json, above this file wherever the build puts it. */
function findPackage(): URL {
  for (let folder = new URL(".", import.meta.url); ; folder = new URL("..", folder)) {
    if (existsSync(new URL("package.json", folder))) return folder;
    if (folder.pathname === "/") throw new Error("The folder of vadi has no package.json.");
  }
}

const PACKAGE = findPackage();

/** The URL of one of this package's own files. @param path from the package's folder */
export function packageFile(path: string): URL {
  return new URL(path, PACKAGE);
}
