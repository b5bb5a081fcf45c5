import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { failure } from "../../src/common/errors.js";
import { noBrowser, openBrowser } from "../../test/helpers/browser.js";
import { succeed } from "./jupyter.js";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};

/**
 * Builds the Observable Framework page, whose data loader runs vadi, and opens it in Chromium.
 *
 * @returns what is to be printed
 */
export async function runObservable(page: string, folder: string): Promise<string> {
  const program = path.join(folder, "node_modules/.bin/observable");
  await succeed(program, ["build"], { OBSERVABLE_TELEMETRY_DISABLE: "true" }, page);
  const server = await serve(path.join(page, "dist"));
  try {
    const { port } = server.address() as AddressInfo;
    const seen = await inChromium(`http://127.0.0.1:${port}`);
    if (seen === undefined) return `The Observable page was built and not opened: ${noBrowser}.`;
    if (seen.lines !== 6) throw failure(`The Observable page has ${seen.lines} lines, not 6.`);
    if (seen.errors.length > 0) throw failure(`The Observable page: ${seen.errors.join(" ")}`);
    return "The Observable page was built, and Chromium shows its curves.";
  } finally {
    server.close();
  }
}

/** Serves a folder on loopback. */
async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = path.join(folder, pathname === "/" ? "index.html" : pathname);
    readFile(file).then(
      (bytes) =>
        response
          .setHeader("content-type", TYPES[path.extname(file)] ?? "application/octet-stream")
          .end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** The lines that the page draws, its errors, and what it asks of other hosts; undefined where there is no browser. */
async function inChromium(
  address: string,
): Promise<{ lines: number; errors: string[] } | undefined> {
  const browser = await openBrowser();
  if (browser === undefined) return undefined;
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("request", (request) => {
      const isOwn = [address, "data:", "blob:"].some((own) => request.url().startsWith(own));
      if (!isOwn) errors.push(`it requests ${request.url()}.`);
    });
    await page.goto(address);
    const line = page.locator('svg g[aria-label="line"] path');
    // The training's curve, and five batches.
    await line.nth(5).waitFor({ state: "attached", timeout: 60_000 });
    return { lines: await line.count(), errors };
  } finally {
    await browser.close();
  }
}
