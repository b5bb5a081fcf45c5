import { readdirSync, readFileSync } from "node:fs";

/** A running process. */
export interface Process {
  pid: number;
  command: string;
}

/** The processes that some processes have started, directly or not. Linux only. */
export function descendants(roots: readonly number[]): Process[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: Process[] = [];
  const open = [...roots];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const child of children.get(pid) ?? []) {
      open.push(child);
      found.push({ pid: child, command: commandOf(child) });
    }
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  try {
    // The command's name, in parentheses, may hold anything.
    const [, , parent] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").split(" ");
    return Number(parent);
  } catch {
    return undefined;
  }
}

/** The command line of a process; empty where it has ended. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Ends a process at once, if it still runs. */
export function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
