import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import packed from "@sparticuz/chromium";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

/** What to print where a test has to do without a browser. */
export const noBrowser = "no Chromium for this platform";

/** The package brings Chromium for Linux with glibc, on x64 only at its full size. */
export function isPlatformServed(): boolean {
  if (process.platform !== "linux" || process.arch !== "x64") return false;
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}

/** Flags of the package that a test must not have: they weaken the rules whose keeping is tested, or the browser's stability. */
const leftOut = new Set([
  "--single-process",
  "--no-zygote",
  "--disable-web-security",
  "--allow-running-insecure-content",
]);

/**
 * A real Chromium that came with the development dependencies, WebGL in software included, or
 * undefined where the platform has none. Close it after use: that also removes what was unpacked
 * for this process alone.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  if (!isPlatformServed()) return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-chromium-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const browser = await launch(await unpack(folder));
    browser.on("disconnected", remove);
    return browser;
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Unpacks Chromium and returns its path: once for all files of a test run, which takes seconds, else into a folder
 * of this process's own.
 */
export async function unpack(folder: string): Promise<string> {
  const shared = process.env["TEST_SHARED"];
  if (shared === undefined) return unpackInto(folder);
  const whole = path.join(shared, "chromium");
  if (!existsSync(whole)) {
    const own = await mkdtemp(path.join(shared, "unpacking-"));
    await unpackInto(own);
    // Another file's process may have been faster.
    await rename(own, whole).catch((error: unknown) => {
      rmSync(own, { recursive: true, force: true });
      if (!existsSync(whole)) throw error;
    });
  }
  return path.join(whole, "chromium");
}

/** The package's usual place is shared by all: a second process would start a browser that the first still writes. */
async function unpackInto(folder: string): Promise<string> {
  const before = { TMPDIR: process.env["TMPDIR"], AWS: process.env["AWS_LAMBDA_JS_RUNTIME"] };
  process.env["TMPDIR"] = folder;
  // Makes the package unpack the shared libraries too, for systems that lack them.
  process.env["AWS_LAMBDA_JS_RUNTIME"] = "nodejs20.x";
  try {
    return await packed.executablePath();
  } finally {
    restore("TMPDIR", before.TMPDIR);
    restore("AWS_LAMBDA_JS_RUNTIME", before.AWS);
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

async function launch(executablePath: string): Promise<Browser> {
  const folder = path.dirname(executablePath);
  const args = [
    ...packed.args.filter((flag) => !leftOut.has(flag)),
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
  ];
  const fonts = existsSync("/etc/fonts") ? {} : { FONTCONFIG_PATH: path.join(folder, "fonts") };
  const env = { ...process.env, ...fonts };
  try {
    return await chromium.launch({ executablePath, args, env });
  } catch {
    // A small system may lack libraries that Chromium needs; the package brings those too.
    const libraries = path.join(folder, "al2023", "lib");
    return chromium.launch({ executablePath, args, env: { ...env, LD_LIBRARY_PATH: libraries } });
  }
}
