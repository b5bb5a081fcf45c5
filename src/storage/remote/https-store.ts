import { failure, messageOf, VadiError } from "../../common/errors.js";
import { PassingError, type ObjectBody, type ObjectStore } from "./types.js";

/** Answers that name another address. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 10;

/** A folder on a web server, for reading. Ranges continue an interrupted download where the server knows them. */
export function createHttpsStore(folder: URL): ObjectStore {
  return {
    async read(name, from, signal) {
      const url = urlOf(folder, name);
      const breaking = new AbortController();
      const ended = AbortSignal.any([signal, breaking.signal]);
      let response: Response;
      try {
        const headers = new Headers(from > 0 ? { range: `bytes=${from}-` } : {});
        response = await follow(url, { headers, signal: ended });
      } catch (error) {
        if (error instanceof VadiError) throw error;
        const cause = error instanceof Error ? (error.cause ?? error) : error;
        throw new PassingError(`${url.href} could not be reached: ${messageOf(cause)}`, {
          cause: error,
        });
      }
      return bodyOf(response, url, from, () => breaking.abort());
    },
  };
}

/** Whether a URL is read over an encrypted connection, or from this machine itself. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return protocol === "https:" || (protocol === "http:" && isHere);
}

/** Goes to the addresses to which the server sends, none of which may give up the encryption. */
async function follow(url: URL, options: RequestInit): Promise<Response> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(at, { ...options, redirect: "manual" });
    const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    const next = URL.parse(location, at.href);
    if (next === null || redirects === MOST_REDIRECTS) {
      throw failure(`${url.href} could not be read: its server redirects too often.`);
    }
    // Nor may a server elsewhere send to what listens on this machine alone.
    if (next.protocol !== "https:" && !(at.protocol === "http:" && isPrivate(next))) {
      throw failure(
        `${url.href} could not be read: its server redirects to ${next.origin}, without encryption.`,
      );
    }
    at = next;
  }
}

function urlOf(folder: URL, name: string): URL {
  const url = new URL(folder);
  url.pathname = `${folder.pathname.replace(/\/+$/, "")}/${name}`;
  return url;
}

async function bodyOf(
  response: Response,
  url: URL,
  from: number,
  close: () => void,
): Promise<ObjectBody | undefined> {
  const { status, body } = response;
  if (response.ok && body !== null) {
    return { chunks: body, from: status === 206 ? from : 0, close };
  }
  await body?.cancel();
  if (status === 404 || status === 410) return undefined;
  if (status >= 500 || status === 408 || status === 429) {
    throw new PassingError(`${url.href} answered ${status}`);
  }
  throw failure(`${url.href} could not be read: the server answered ${status}.`);
}
