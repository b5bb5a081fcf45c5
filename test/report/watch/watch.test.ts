import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";
import { assert, skip, test } from "../../helpers/test.js";
import { landscape } from "../../../src/landscape/index.js";
import { watch, type Watching } from "../../../src/report/index.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { train } from "../../../src/train/index.js";
import { noBrowser, openBrowser } from "../../helpers/browser.js";
import { until } from "../../helpers/until.js";

const folder = await mkdtemp(path.join(tmpdir(), "vadi-watch-"));
const at = (...names: string[]): string => path.join(folder, ...names);

await writeDataset({ kind: "lsm", out: at("data"), rows: 2000, features: 3, workers: 1 });
const dataset = await openDataset(at("data"));
const options = { model: "linear", batchSize: 100, learningRate: 0.01 };
const run = await train(dataset, { ...options, out: at("run"), epochs: 10 });

const browser = await openBrowser();

interface Answer {
  status: number;
  body: string;
  headers: NodeJS.Dict<string | string[]>;
}

/** A request whose path and headers reach the server as they are. */
function ask(
  { url }: Watching,
  place: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: place, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        body += piece;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
      );
    });
    sent.on("error", reject).end();
  });
}

/** The events that a new page is told first, up to the named one. */
async function firstEvents({ url }: Watching, last: string): Promise<Map<string, unknown>> {
  const controller = new AbortController();
  const response = await fetch(`${url}events`, { signal: controller.signal });
  const found = new Map<string, unknown>();
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const message = text.slice(0, end);
      text = text.slice(end + 2);
      const name = /^event: (.*)$/m.exec(message)?.[1];
      if (name !== undefined) found.set(name, JSON.parse(message.slice(message.indexOf("{"))));
    }
    if (found.has(last)) break;
  }
  controller.abort();
  return found;
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

async function watched(
  dir: string,
  given: Parameters<typeof watch>[1],
  look: (watching: Watching) => Promise<void>,
): Promise<void> {
  const watching = await watch(dir, { interval: 50, ...given });
  try {
    await look(watching);
  } finally {
    await watching.close();
  }
}

test("it answers on loopback alone, under its own name alone, to its own pages alone", () =>
  watched(run.dir, { slices: false }, async (watching) => {
    const { port, hostname } = new URL(watching.url);
    assert.is(hostname, "127.0.0.1");
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`])
      assert.is((await ask(watching, "/", { host })).status, 200, host);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      `127.0.0.1.evil:${port}`,
    ])
      assert.is((await ask(watching, "/", { host })).status, 403, host);
    for (const place of ["/", "/events", "/page.js", "/nothing"]) {
      for (const origin of ["https://evil.example", "null", "http://localhost:1"])
        assert.is((await ask(watching, place, { origin })).status, 403, `${place} ${origin}`);
      for (const site of ["cross-site", "same-site"]) {
        const headers = { "sec-fetch-site": site, "sec-fetch-mode": "no-cors" };
        assert.is((await ask(watching, place, headers)).status, 403, `${place} ${site}`);
      }
    }
    const own = { origin: `http://127.0.0.1:${port}`, "sec-fetch-site": "same-origin" };
    assert.is((await ask(watching, "/page.js", own)).status, 200);
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === "IPv4");
    if (outside) {
      const error = await messageOf(fetch(`http://${outside.address}:${port}/`));
      assert.match(error, "fetch failed");
    }
  }));

test("nothing but its five addresses is there, whatever the path", () =>
  watched(run.dir, { slices: false }, async (watching) => {
    const wanted = path.join(run.dir, "run.json");
    const climbs = "../".repeat(20);
    for (const place of [
      "/run.json",
      wanted,
      `/${climbs}${wanted.slice(1)}`,
      `/..%2f..%2f..%2f${encodeURIComponent(wanted)}`,
      `/page.js/${climbs}etc/passwd`,
      "/%2e%2e/%2e%2e/etc/passwd",
      "//etc/passwd",
      "/events/../../etc/passwd",
      "/page.css%00.json",
      "/..\\..\\run.json",
    ]) {
      const { status, body } = await ask(watching, place);
      assert.ok(status === 404 || status === 400, `${place}: ${status}`);
      assert.not.match(body, /root:|formatVersion/);
    }
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      assert.is((await ask(watching, "/", {}, method)).status, 405, method);
    const { headers } = await ask(watching, "/");
    assert.match(String(headers["content-security-policy"]), "frame-ancestors 'none'");
    assert.is(headers["x-content-type-options"], "nosniff");
    assert.is(headers["access-control-allow-origin"], undefined);
  }));

test("connections that send nothing, or too much, are few and short", () =>
  watched(run.dir, { slices: false }, async (watching) => {
    const port = Number(new URL(watching.url).port);
    const started = performance.now();
    let open = 0;
    let most = 0;
    const ended = Array.from({ length: 300 }, (_, index) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("connect", () => {
        most = Math.max(most, ++open);
        // Headers that never end; some of them are long.
        socket.write(`GET / HTTP/1.1\r\nx: ${"x".repeat(index % 10 === 0 ? 100_000 : 1)}`);
      });
      return new Promise<void>((resolve) => {
        socket.on("error", () => {});
        socket.on("close", () => {
          open--;
          resolve();
        });
        socket.resume();
      });
    });
    await Promise.all(ended);
    assert.ok(most > 100, String(most));
    assert.ok(performance.now() - started < 30_000, "they are cut");
    assert.is((await ask(watching, "/")).status, 200);
    const many = Object.fromEntries(
      Array.from({ length: 900 }, (_, index) => [`x-${index}`, "long".repeat(9)]),
    );
    assert.is((await ask(watching, "/", many)).status, 431);
  }));

test("a page that comes is told all: the run, its history, slices through the newest weights", async () => {
  await cp(run.dir, at("copy"), { recursive: true });
  await mkdir(at("copy", "checkpoints"), { recursive: true });
  // Newer than the run's end: an older one would not be looked at.
  await cp(at("copy", "model"), at("copy", "checkpoints", "step-700"), { recursive: true });
  await watched(at("copy"), {}, async (watching) => {
    const events = await firstEvents(watching, "figure");
    assert.is((events.get("run") as { status: string }).status, "done");
    const { rows } = events.get("history") as { rows: unknown[] };
    assert.equal(rows, await run.history());
    const figure = events.get("figure") as { title: string; figure: { series: unknown[] } };
    assert.match(figure.title, "step 700");
    assert.is(figure.figure.series.length, 4, "three batches and their mean");
  });
  await landscape(run, { points: 5, batches: 1, out: at("copy", "landscapes", "mine") });
  await watched(at("copy"), { slices: false }, async (watching) => {
    const events = await firstEvents(watching, "figure");
    assert.match((events.get("figure") as { title: string }).title, "Landscape mine");
  });
});

test("what cannot be watched is refused in a sentence", async () => {
  assert.match(await messageOf(watch(at("nowhere"))), "is not a run");
  assert.match(await messageOf(watch(run.dir, { port: 70_000 })), "port must be a whole number");
  await watched(run.dir, { slices: false }, async ({ url }) => {
    const port = Number(new URL(url).port);
    assert.match(await messageOf(watch(run.dir, { port })), `port ${port}`);
  });
});

test("the page follows a training in Chromium while it runs", async () => {
  if (!browser) skip(noBrowser);
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  try {
    const watching = await watch(at("live"), { wait: true, interval: 50 });
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("request", (sent) => {
      if (!sent.url().startsWith(watching.url) && !/^(?:data|blob):/.test(sent.url()))
        requests.push(sent.url());
    });
    await page.goto(watching.url);
    await page.waitForSelector('html[data-ready="true"]');
    assert.match(await page.locator("#status").innerText(), "waiting");
    await train(dataset, { ...options, out: at("live"), epochs: 50 });
    await page.waitForSelector('html[data-status="done"]');
    await page.waitForSelector('[data-figure="live-loss"][data-drawn="true"]');
    const loss = Number((await page.locator("#loss").innerText()).replace("\u202f", ""));
    assert.ok(loss > 0 && loss < 10, String(loss));
    await until(page, 'document.getElementById("step").textContent.endsWith("000")');
    assert.is(await page.locator("#status").innerText(), "done");
    await landscape(at("live"), { points: 11, batches: 2 });
    // Beside the slices through the newest snapshot's weights, the landscape comes.
    const chart = page.getByRole("group", { name: "Chart: Landscape" });
    await chart.hover();
    await chart.locator(".hoverlayer .legend").waitFor();
    const paper = "getComputedStyle(document.documentElement).backgroundColor";
    await page.getByRole("button", { name: "Switch to dark colours" }).click();
    assert.is(await page.evaluate(paper), "rgb(20, 23, 28)");
    await page.setViewportSize({ width: 390, height: 800 });
    await until(page, "document.documentElement.scrollWidth <= innerWidth");
    assert.equal(requests, []);
    assert.equal(errors, []);
    await watching.close();
    assert.match(await messageOf(fetch(watching.url)), "fetch failed");
  } finally {
    await context.close();
  }
});

test("of a standardised run the page names the loss's units", async () => {
  if (!browser) skip(noBrowser);
  const context = await browser.newContext();
  try {
    await train(dataset, { ...options, out: at("standardized"), epochs: 5, standardize: true });
    const watching = await watch(at("standardized"), { interval: 50 });
    const page = await context.newPage();
    await page.goto(watching.url);
    await page.waitForSelector('[data-figure="live-loss"][data-drawn="true"]');
    const units = "mean squared error of the standardised target";
    assert.match(await page.locator("dt", { hasText: "loss" }).innerText(), units);
    // The axis's title is broken into lines.
    const title = `${units}, of the step’s batch`.replaceAll(" ", "");
    await until(page, `document.body.textContent.replaceAll(/\\s/g, "").includes("${title}")`);
    await watching.close();
  } finally {
    await context.close();
  }
});

/** Pixels of a figure's canvas that a curve has coloured, and how many colours they have. */
function paintedPixels(title: string): string {
  return `(() => {
    const figure = [...document.querySelectorAll("figure")].find((one) =>
      one.textContent.includes(${JSON.stringify(title)}));
    const canvas = figure?.querySelector(".painted");
    if (!canvas) return { pixels: 0, colours: 0 };
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    let pixels = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] < 200) continue;
      pixels++;
      colours.add(data[at] * 65536 + data[at + 1] * 256 + data[at + 2]);
    }
    return { pixels, colours: colours.size };
  })()`;
}

for (const batches of [1, 6, 7, 20, 60]) {
  test(`a landscape of ${batches} batches is drawn while one event stream is open`, async () => {
    if (!browser) skip(noBrowser);
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
    const name = `of-${batches}`;
    const copy = at(name);
    await cp(run.dir, copy, { recursive: true });
    // Batches of 30 rows: curves that lie apart.
    await landscape(copy, {
      dataset,
      points: 21,
      batches,
      batchSize: 30,
      out: path.join(copy, "landscapes", name),
    });
    const watching = await watch(copy, { slices: false, interval: 50 });
    try {
      const page = await context.newPage();
      const errors: string[] = [];
      let streams = 0;
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("request", (sent) => {
        if (sent.url().endsWith("/events")) streams++;
      });
      await page.goto(watching.url);
      const figure = page.locator("figure", { hasText: `Landscape ${name}` });
      await figure.and(page.locator('[data-drawn="true"]')).waitFor();
      // Moving the pointer over the curves paints them again.
      await figure.locator(".chart").hover();
      await page.waitForTimeout(300);
      assert.equal(errors, []);
      assert.is(streams, 1);
      if (batches <= 6) {
        const drawn = await figure.locator("path.js-line").count();
        assert.ok(drawn >= batches, `${drawn} lines`);
      } else {
        const found = (await page.evaluate(paintedPixels(`Landscape ${name}`))) as {
          pixels: number;
          colours: number;
        };
        // A curve across some 1000 pixels, and a colour of its own for each.
        assert.ok(found.pixels > 500 * Math.min(batches, 10), `${found.pixels} pixels`);
        assert.ok(found.colours >= batches, `${found.colours} colours`);
      }
    } finally {
      await watching.close();
      await context.close();
    }
  });
}

test.after(async () => {
  await browser?.close();
  assert.match(await readFile(at("run", "run.json"), "utf8"), "done", "watching changes nothing");
  await rm(folder, { recursive: true, force: true });
});
test.run();
