import { failure, messageOf } from "../../common/errors.js";
import { PassingError, type ObjectBody, type ObjectStore } from "./types.js";

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
        response = await fetch(url, { headers, signal: ended });
      } catch (error) {
        const cause = error instanceof Error ? (error.cause ?? error) : error;
        throw new PassingError(`${url.href} could not be reached: ${messageOf(cause)}`, {
          cause: error,
        });
      }
      return bodyOf(response, url, from, () => breaking.abort());
    },
  };
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
