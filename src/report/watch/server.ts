import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { AddressInfo } from "node:net";
import { failure, messageOf } from "../../common/errors.js";
import { loadAssets } from "../page/assets.js";
import { themeStyle } from "../page/colours.js";
import type { WatchEvent } from "./events.js";
import { createEventStreams, type EventStreams } from "./event-streams.js";
import { loopback, refusalOf } from "./host-check.js";
import { watchPage } from "./page.js";

/** Milliseconds that open pages have to receive the last events before their connections are cut. */
const patience = 1000;

/** The most connections at a time; a page takes a few. */
const mostConnections = 128;

/** Milliseconds that a client may take to send a request, after which its connection is cut. */
const serverOptions = {
  headersTimeout: 3000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
};

/** Headers of every answer. */
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
  /** Sends an event to all open pages. */
  send(event: WatchEvent): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves the watch page on loopback: five fixed addresses, none of which is the path of a file.
 * Requests that a page of another site could have caused are refused.
 *
 * @param port 0: any free port
 * @param initialEvents returns what a new page receives first
 */
export async function serveWatch(
  title: string,
  port: number,
  initialEvents: () => WatchEvent[],
): Promise<WatchServer> {
  const streams = createEventStreams(initialEvents);
  let listening = 0;
  const app = createApp(title, streams, () => listening);
  const server = await listen(app, port);
  listening = (server.address() as AddressInfo).port;
  return {
    url: `http://${loopback}:${listening}/`,
    send: (event) => streams.send(event),
    close() {
      streams.end();
      return close(server);
    },
  };
}

/** @param port returns the port that the server listens on, once it does */
function createApp(title: string, streams: EventStreams, port: () => number): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const refusal = refusalOf(context.req.raw.headers, port());
    if (refusal !== undefined) return context.text(`${refusal}\n`, 403, headers);
    if (context.req.method !== "GET" && context.req.method !== "HEAD")
      return context.text("Only GET is answered here.\n", 405, { ...headers, allow: "GET, HEAD" });
    await next();
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    return undefined;
  });

  const { plotly, script, style } = loadAssets("watch");
  const texts = [
    ["/", "text/html", watchPage(title)],
    ["/page.css", "text/css", `${themeStyle()}\n${style}`],
    ["/page.js", "text/javascript", script],
    ["/plotly.js", "text/javascript", plotly],
  ] as const;
  for (const [address, type, body] of texts) {
    const contentType = { "content-type": `${type}; charset=utf-8` };
    app.get(address, (context) => context.body(body, 200, contentType));
  }
  app.get("/events", (context) => streams.answer(context));
  app.notFound((context) => context.text("There is nothing here.\n", 404, headers));
  app.onError((error, context) => context.text(`${messageOf(error)}\n`, 500, headers));
  return app;
}

type Server = ReturnType<typeof serve>;

async function listen(app: Hono, port: number): Promise<Server> {
  try {
    return await new Promise<Server>((resolve, reject) => {
      const server = serve({ fetch: app.fetch, hostname: loopback, port, serverOptions }, () =>
        resolve(server),
      );
      server.maxConnections = mostConnections;
      server.once("error", reject);
    });
  } catch (error) {
    throw failure(
      (option) =>
        `Could not listen on port ${port} of ${loopback}: ${messageOf(error)}; choose another ${option("port")}, or 0 for any free port.`,
      error,
    );
  }
}

/** Stops listening. Pages may still receive the last events; those that do not are cut off. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const started = performance.now();
  const cutting = setInterval(() => {
    if (!("closeAllConnections" in server)) return;
    if (performance.now() - started > patience) server.closeAllConnections();
    else server.closeIdleConnections();
  }, 20);
  await closed;
  clearInterval(cutting);
}
