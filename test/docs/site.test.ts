import { createServer, type Server } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { globSync } from "tinyglobby";
import { noBrowser, openBrowser } from "../helpers/browser.js";
import { assert, skip, test } from "../helpers/test.js";

/*
 * The documentation as a site, which `npm run docs` has built: its links, its search, and what a browser shows.
 */

const site = fileURLToPath(new URL("../../../dist/site", import.meta.url));
const isBuilt = existsSync(path.join(site, "index.html"));
const noSite = "the site is not built; `npm run docs` does that";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/** Pages of every kind. */
const PAGES = [
  "index",
  "commands",
  "tables",
  "architecture",
  "api/index",
  "api/interfaces/TrainOptions",
];

/** Serves the site on loopback. */
async function serve(): Promise<{ server: Server; url: string }> {
  const server = createServer(({ url = "/" }, response) => {
    const name = decodeURIComponent(new URL(url, "http://localhost").pathname);
    const file = path.join(site, name.endsWith("/") ? `${name}index.html` : name);
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "text/plain" });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("every link of the site leads to a page and a heading", () => {
  if (!isBuilt) return skip(noSite);
  const ids = new Map<string, Set<string>>();
  const idsOf = (file: string): Set<string> => {
    let found = ids.get(file);
    if (found === undefined) {
      const text = readFileSync(path.join(site, file), "utf8");
      found = new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id = ""]) => id));
      ids.set(file, found);
    }
    return found;
  };
  let count = 0;
  for (const page of globSync("**/*.html", { cwd: site })) {
    const text = readFileSync(path.join(site, page), "utf8");
    for (const [, link = ""] of text.matchAll(/<a [^>]*?href="([^"]*)"/g)) {
      if (/^(?:https?|mailto):/.test(link)) continue;
      count++;
      const [to = "", anchor = ""] = decodeURIComponent(link.replaceAll("&amp;", "&")).split("#");
      const target = to.startsWith("/")
        ? to.slice(1)
        : to === ""
          ? page
          : path.join(path.dirname(page), to);
      const file = target === "" || target.endsWith("/") ? `${target}index.html` : target;
      assert.ok(existsSync(path.join(site, file)), `${page}: ${link}`);
      assert.ok(anchor === "" || idsOf(file).has(anchor), `${page}: ${link}`);
    }
  }
  assert.ok(count > 1000, `${count} links`);
});

/** Of the theme's search button, whose keys are no part of its name. */
const OF_THE_THEME = new Set(["label-content-name-mismatch"]);

/** Findings of axe that make a page hard to use. */
async function findings(page: Page): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await page.addScriptTag({ path: axe });
  const found = await page.evaluate(async () => {
    const { axe: library } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
      };
    };
    const { violations } = await library.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => ({ id, html: nodes[0]?.html }));
  });
  return found.filter(({ id }) => !OF_THE_THEME.has(id)).map(({ id, html }) => `${id}: ${html}`);
}

test("in a browser: nothing is fetched from elsewhere, pages fit a phone, the search finds", async () => {
  if (!isBuilt) return skip(noSite);
  const browser = await openBrowser();
  if (browser === undefined) return skip(noBrowser);
  const { server, url } = await serve();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const elsewhere: string[] = [];
    const errors: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith("data:")) {
        elsewhere.push(request.url());
      }
    });
    page.on("pageerror", (error) => errors.push(error.message));
    for (const name of PAGES) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(`${url}/${name}.html`, { waitUntil: "networkidle" });
        assert.equal(await findings(page), [], `${name}, ${colorScheme}`);
      }
      await page.setViewportSize({ width: 390, height: 844 });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `${name} is ${width} pixels wide on a phone`);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await page.goto(`${url}/`, { waitUntil: "networkidle" });
    await page.keyboard.press("/");
    await page.locator(".VPLocalSearchBox .search-input").fill("permutation shuffle global");
    // The box lists nothing until it has searched for the text.
    const results = page.locator(".VPLocalSearchBox .result");
    await results.first().waitFor();
    const links = await results.evaluateAll((found) =>
      found.map((link) => new URL((link as HTMLAnchorElement).href).pathname),
    );
    assert.ok(links.includes("/shuffling.html"), links.join("\n"));
    await page.keyboard.press("Enter");
    await page.waitForURL((address) => address.pathname === links[0], { waitUntil: "commit" });
    assert.equal(elsewhere, []);
    assert.equal(errors, []);
  } finally {
    server.close();
    await browser.close();
  }
});

test.run();
