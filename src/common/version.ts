import { readFileSync } from "node:fs";
import { packageFile } from "./package-files.js";

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return String(manifest.version);
  }
  throw new Error("package.json has no version.");
}

/** This package's version. */
export const VERSION: string = readVersion();
