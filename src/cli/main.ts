#!/usr/bin/env node
import { writeSync } from "node:fs";
import { openFilesMessage } from "../common/process/open-file-limit.js";
import { keepCompiledCode } from "../common/process/compile-cache.js";
import { printPrepared } from "./parse/prepared.js";

// The command line is loaded here rather than imported above: what the build has prepared needs none of it, and
// where the process may not open the files, this one can still say so.
try {
  if (!printPrepared(process.argv.slice(2))) {
    keepCompiledCode();
    const { start } = await import("./start.js");
    await start();
  }
} catch (error) {
  const message = openFilesMessage(error);
  if (message === undefined || process.argv.includes("--debug")) throw error;
  writeSync(process.stderr.fd, `${message}\n`);
  process.exit(1);
}
