import type { Context } from "hono";
import { streamSSE, type SSEStreamingApi } from "hono/streaming";
import { once } from "node:events";
import type { WatchEvent } from "./events.js";

/** The most pages that can be open at a time. */
const mostPages = 32;
/** The most events that wait for a page which does not read; with more it is disconnected. */
const mostWaiting = 1000;
/** Milliseconds between two comments that keep a silent connection open. */
const heartbeat = 15_000;

/** The open pages, each an event stream. */
export interface EventStreams {
  /** Answers a page's request for events with a stream that ends when `end` is called or the page is closed. */
  answer(context: Context): Response;
  send(event: WatchEvent): void;
  end(): void;
}

interface OpenPage {
  send(event: WatchEvent): void;
  end(): void;
}

/** @param initialEvents returns what a new page receives first */
export function createEventStreams(initialEvents: () => WatchEvent[]): EventStreams {
  const pages = new Set<OpenPage>();

  async function serve(stream: SSEStreamingApi): Promise<void> {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    let written = Promise.resolve();
    let waiting = 0;
    const page: OpenPage = {
      send({ event, data }) {
        if (++waiting > mostWaiting) return end();
        written = written
          .then(() => stream.writeSSE({ event, data: JSON.stringify(data) }))
          .finally(() => waiting--)
          .catch(end);
      },
      end,
    };
    stream.onAbort(end);
    pages.add(page);
    const beat = setInterval(() => void stream.write(": alive\n\n").catch(end), heartbeat);
    try {
      for (const event of initialEvents()) page.send(event);
      if (!ended.signal.aborted) await once(ended.signal, "abort");
      if (!stream.aborted) await written;
    } finally {
      clearInterval(beat);
      pages.delete(page);
    }
  }

  return {
    answer(context) {
      return pages.size >= mostPages
        ? context.text(`At most ${mostPages} pages can follow at a time.\n`, 503)
        : streamSSE(context, serve);
    },
    send(event) {
      for (const page of pages) page.send(event);
    },
    end() {
      for (const page of pages) page.end();
    },
  };
}
