import {
  createServer,
  request as send,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/*
 * A proxy on loopback between a client and a server, which fails in the ways in which networks and servers fail.
 */

/**
 * What becomes of a request. `reset`: the connection breaks at once. A number: the proxy answers with this status.
 * `lost`: the server does it, and the connection breaks before the answer. `truncate`: the connection breaks within the body. `corrupt`: a byte of the body is another one. `stall`: the body
 * stops and the connection stays.
 */
export type Fault = "reset" | "lost" | "truncate" | "corrupt" | "stall" | 500 | 501 | 503;

export interface FaultProxy {
  endpoint: string;
  /** The requests so far, as `GET /bucket/key`. */
  requests: string[];
  /** Decides for each request; undefined: it passes. Until a promise is fulfilled, the request waits. */
  faultOf: (request: string) => Fault | undefined | Promise<undefined>;
  close(): void;
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const proxy: FaultProxy = {
    endpoint: "",
    requests: [],
    faultOf: () => undefined,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  const server = createServer((request, answer) => {
    const named = `${request.method} ${request.url}`;
    proxy.requests.push(named);
    const fault = proxy.faultOf(named);
    if (fault instanceof Promise) {
      void fault.then(() => pass(new URL(target), request, answer, undefined));
    } else if (fault === "reset") request.socket.destroy();
    else if (typeof fault === "number") {
      request.resume();
      answer.writeHead(fault, { "content-length": 0 }).end();
    } else pass(new URL(target), request, answer, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

function pass(
  { hostname, port }: URL,
  request: IncomingMessage,
  answer: ServerResponse,
  fault: Exclude<Fault, number> | undefined,
): void {
  const { method, url: path, headers } = request;
  // The host that the client signed stays in the headers.
  const passed = send({ hostname, port, method, path, headers }, (response) => {
    if (fault === "lost") {
      response.resume().on("end", () => answer.destroy());
      return;
    }
    answer.writeHead(response.statusCode ?? 502, response.headers);
    let done = 0;
    response.on("data", (bytes: Buffer) => {
      if (fault === "corrupt") bytes[bytes.length >> 1]! ^= 1;
      if (fault === undefined || fault === "corrupt" || done === 0) {
        const part = fault === "truncate" || fault === "stall" ? bytes.subarray(0, 1000) : bytes;
        answer.write(part);
      }
      done += bytes.length;
      if (fault === "truncate") setImmediate(() => answer.destroy());
    });
    response.on("end", () => fault !== "stall" && answer.end());
  });
  passed.on("error", () => answer.destroy());
  // A pipe does not pass on that the client went away: the server would wait for the rest of the body.
  answer.on("close", () => passed.destroy());
  request.pipe(passed);
}
