import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The built command line. */
export const main: string = fileURLToPath(new URL("../../bundle/main.js", import.meta.url));

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Settings {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** The command line's file, where it is another than the built one. */
  program?: string;
  /** Called with the process once it runs. */
  onStart?: (child: ChildProcess) => void;
}

/** Runs `vadi` with some words, as a process of its own, until it ends. */
export function vadi(words: readonly string[], settings: Settings = {}): Promise<Outcome> {
  // No setting of whoever runs the tests, but for the runner's own: no installed backends.
  const clean = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("VADI_") || name === "VADI_BACKENDS_FOLDER",
  );
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [settings.program ?? main, ...words], {
      cwd: settings.cwd,
      env: { ...Object.fromEntries(clean), ...settings.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    settings.onStart?.(child);
  });
}

/** Gives a folder that is gone afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-cli-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
