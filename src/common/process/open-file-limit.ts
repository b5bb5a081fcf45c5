import { existsSync } from "node:fs";
import path from "node:path";

/*
 * The limit of files that a process may have open at once (`ulimit -n`). Only Node's own modules are imported
 * here, so that the command line can report the limit even where it cannot load the rest of itself.
 */

/** The most nested causes that are searched. */
const CAUSES = 10;
/** Node opens some hundred files at once when it loads vadi in all its threads; systems allow 1024 or more. */
const USUAL_LIMIT = 1024;

/**
 * The message for an error that comes from the limit of open files; undefined for any other error.
 * Node's loader, the file system and worker threads that cannot start report EMFILE (the process has no
 * more) or ENFILE (the machine has no more), some as a code and some in the message only.
 */
export function openFilesMessage(error: unknown): string | undefined {
  let at = error;
  for (let depth = 0; depth < CAUSES && at instanceof Error; depth++, at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    const name = /\b(EMFILE|ENFILE)\b/.exec(`${code ?? ""} ${at.message}`)?.[1];
    if (name === "ENFILE") {
      return "Too many files are open on this machine (ENFILE); end other programs, or raise the system's limit, and run the command again.";
    }
    if (name === "EMFILE" || (code === "ERR_MODULE_NOT_FOUND" && isUnreadPackage(at.message))) {
      return "Too many files are open at once (EMFILE); raise the limit of this shell with 'ulimit -n 1024' and run the command again.";
    }
  }
  return undefined;
}

/** Node calls a package missing that it could not open for want of files, though it is there. */
function isUnreadPackage(message: string): boolean {
  const [, file] = /^Cannot find package '(.+)' imported from/.exec(message) ?? [];
  if (file === undefined || !existsSync(path.join(path.dirname(file), "package.json")))
    return false;
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  return Number(report.userLimits?.open_files?.soft) < USUAL_LIMIT;
}
