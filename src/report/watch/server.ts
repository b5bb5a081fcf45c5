import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { failure, messageOf } from "../../common/errors.js";
import { loadAssets } from "../page/assets.js";
import { themeStyle } from "../page/theme.js";
import type { WatchEvent } from "./news.js";
import { watchPage } from "./page.js";

/** The only address that is listened on. */
const loopback = "127.0.0.1";
/** Pages that may follow at a time. */
const mostPages = 32;
/** Milliseconds after which a silent connection is told that it is alive. */
const heartbeat = 15_000;
/** Milliseconds in which a page may take what it was told before the end. */
const patience = 1000;

/** What every answer carries. */
const headers: Record<string, string> = {
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    // plotly.js sets styles on the elements it makes.
    "style-src 'self' 'unsafe-inline'",
    "img-src data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export interface WatchServer {
  /** `http://127.0.0.1:PORT/` */
  url: string;
  /** Tells all pages. */
  send(event: WatchEvent): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

interface Listener {
  send(event: WatchEvent): void;
  end(): void;
}

/**
 * Serves the watching page on loopback: five fixed addresses, of which none is the path of a file.
 * Requests that a page of another origin, or a name that was made to point here, could have caused
 * are refused.
 *
 * @param port 0: any that is free
 * @param now what a page that has just come is told
 */
export async function serveWatch(
  title: string,
  port: number,
  now: () => WatchEvent[],
): Promise<WatchServer> {
  const { plotly, script, style } = loadAssets("watch");
  let bound = 0;
  const listeners = new Set<Listener>();
  const app = new Hono();

  app.use(async (context, next) => {
    const refusal = refusalOf(context.req.raw.headers, bound);
    if (refusal !== undefined) return context.text(`${refusal}\n`, 403, headers);
    if (context.req.method !== "GET" && context.req.method !== "HEAD")
      return context.text("Only GET is answered here.\n", 405, { ...headers, allow: "GET, HEAD" });
    await next();
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    return undefined;
  });
  const text = (type: string, body: string): void => {
    const route = { "/": "text/html", "/page.css": "text/css" }[type] ?? "text/javascript";
    app.get(type, (context) =>
      context.body(body, 200, { "content-type": `${route}; charset=utf-8` }),
    );
  };
  text("/", watchPage(title));
  text("/page.css", `${themeStyle()}\n${style}`);
  text("/page.js", script);
  text("/plotly.js", plotly);
  app.get("/events", (context) => {
    if (listeners.size >= mostPages)
      return context.text(`At most ${mostPages} pages can follow at a time.\n`, 503);
    return streamSSE(context, async (stream) => {
      let writing = Promise.resolve();
      let waiting = 0;
      const over = new AbortController();
      const finish = (): void => over.abort();
      const listener: Listener = {
        send({ event, data }) {
          // A page that does not read is let go rather than waited for.
          if (++waiting > 1000) return finish();
          writing = writing
            .then(() => stream.writeSSE({ event, data: JSON.stringify(data) }))
            .finally(() => waiting--)
            .catch(finish);
        },
        end: finish,
      };
      stream.onAbort(finish);
      listeners.add(listener);
      const beat = setInterval(() => void stream.write(": alive\n\n").catch(finish), heartbeat);
      try {
        for (const event of now()) listener.send(event);
        if (!over.signal.aborted) await once(over.signal, "abort");
        if (!stream.aborted) await writing;
      } finally {
        clearInterval(beat);
        listeners.delete(listener);
      }
    });
  });
  app.notFound((context) => context.text("There is nothing here.\n", 404, headers));
  app.onError((error, context) => context.text(`${messageOf(error)}\n`, 500, headers));

  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const started = serve({ fetch: app.fetch, hostname: loopback, port }, () => resolve(started));
    started.once("error", reject);
  }).catch((error: unknown) => {
    throw failure(
      `Could not listen on port ${port} of ${loopback}: ${messageOf(error)}; choose another --port, or 0 for any that is free.`,
      error,
    );
  });
  bound = (server.address() as AddressInfo).port;

  return {
    url: `http://${loopback}:${bound}/`,
    send(event) {
      for (const listener of listeners) listener.send(event);
    },
    async close() {
      for (const listener of listeners) listener.end();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // What has been told last is still on its way; a page that does not take it is not waited for.
      const begun = performance.now();
      const letGo = setInterval(() => {
        if (!("closeAllConnections" in server)) return;
        if (performance.now() - begun > patience) server.closeAllConnections();
        else server.closeIdleConnections();
      }, 20);
      await closed;
      clearInterval(letGo);
    },
  };
}

/** Why a request is not answered; undefined where it may be. */
function refusalOf(request: Headers, port: number): string | undefined {
  const hosts = [loopback, "localhost", "[::1]"].map((name) => `${name}:${port}`);
  if (port === 80) hosts.push(loopback, "localhost", "[::1]");
  const host = request.get("host")?.toLowerCase() ?? "";
  if (!hosts.includes(host)) return "This address is answered only under its own name.";
  const origin = request.get("origin");
  if (origin !== null && !hosts.some((name) => origin.toLowerCase() === `http://${name}`))
    return "Pages of other origins are not answered.";
  const site = request.get("sec-fetch-site");
  const isVisit = request.get("sec-fetch-mode") === "navigate";
  if (site !== null && site !== "same-origin" && site !== "none" && !isVisit)
    return "Pages of other origins are not answered.";
  return undefined;
}
