import { connect, createServer, type AddressInfo } from "node:net";
import { Transform } from "node:stream";

/** A line to a server that carries only so many bytes a second. */
export interface SlowProxy {
  url: string;
  close(): void;
}

/**
 * Passes connections on to a server, whose answers come at a limited rate, all connections together.
 *
 * @param endpoint of the server, on loopback
 */
export async function startSlowProxy(endpoint: string, bytesPerSecond: number): Promise<SlowProxy> {
  const { hostname, port } = new URL(endpoint);
  // When the line has carried all that it was given, in milliseconds.
  let free = 0;
  const slowed = (): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const now = performance.now();
        free = Math.max(now, free) + (1000 * chunk.length) / bytesPerSecond;
        setTimeout(() => done(null, chunk), free - now);
      },
    });
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.pipe(upstream);
    upstream.pipe(slowed()).pipe(client);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.once("error", end);
    client.once("close", end);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const { port: own } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${own}`, close: () => server.close() };
}
