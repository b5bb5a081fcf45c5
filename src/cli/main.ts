#!/usr/bin/env node
import { writeSync } from "node:fs";
import { openFilesMessage } from "../common/open-file-limit.js";

// The command line is loaded here rather than imported above: Node opens many files at once for that, and
// where the process may not, this file can still say so.
try {
  const { start } = await import("./start.js");
  await start();
} catch (error) {
  const message = openFilesMessage(error);
  if (message === undefined || process.argv.includes("--debug")) throw error;
  writeSync(process.stderr.fd, `${message}\n`);
  process.exit(1);
}
