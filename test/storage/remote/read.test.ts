import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { writeDataset } from "../../../src/storage/index.js";
import { createHttpsStore } from "../../../src/storage/remote/https-store.js";
import { download } from "../../../src/storage/remote/download.js";
import { openDataset, type Dataset, type ShuffleMode } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { assertRejects } from "../folders.js";

/* Datasets behind a web server that fails in all ways that servers fail. */

/** What a server does with a request instead of answering it, or undefined. */
type Fault = (answer: ServerResponse, file: string, from: number) => boolean;

interface Served {
  url: string;
  requests: { file: string; from: number }[];
  fault: Fault | undefined;
  close(): void;
}

/** Serves a folder's files, with ranges. */
async function serve(folder: string): Promise<Served> {
  const served: Served = { url: "", requests: [], fault: undefined, close: () => server.close() };
  const server = createServer((request, answer) => {
    const file = path.basename(new URL(request.url ?? "", "http://x").pathname);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    served.requests.push({ file, from });
    if (served.fault?.(answer, file, from) === true) return;
    void stat(path.join(folder, file)).then(
      ({ size }) => {
        answer.writeHead(from > 0 ? 206 : 200, { "content-length": size - from });
        return createReadStream(path.join(folder, file), { start: from }).pipe(answer);
      },
      () => answer.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
  return served;
}

/** Few: a chunk then reads from many shards. */
const SHARD_ROWS = 1000;
const SHARDS = 12;

async function madeAndServed(
  folder: string,
  shardRows = SHARD_ROWS,
): Promise<{ data: string; served: Served }> {
  const data = path.join(folder, "data");
  await writeDataset({ kind: "lsm", out: data, rows: SHARDS * shardRows, features: 3, shardRows });
  return { data, served: await serve(data) };
}

async function rowsIn(dataset: Dataset, shuffle: ShuffleMode): Promise<Buffer> {
  const parts: Buffer[] = [];
  const options = { batchSize: 10_000, shuffle, epochs: 2, memory: 2 ** 20 };
  for await (const { x, y } of dataset.batches(options)) {
    for (const { buffer, byteOffset, byteLength } of [x, y]) {
      parts.push(Buffer.from(Buffer.from(buffer, byteOffset, byteLength)));
    }
  }
  return Buffer.concat(parts);
}

test(
  "every shuffle gives the bytes of local files, and each shard comes once",
  inFolder(async (folder) => {
    const { data, served } = await madeAndServed(folder);
    const cache = path.join(folder, "cache");
    const remote = await openDataset(served.url, { cache });
    const local = await openDataset(data);
    assert.is(remote.fingerprint, local.fingerprint);
    for (const shuffle of ["none", "shards", "window", "global"] as const) {
      assert.ok((await rowsIn(remote, shuffle)).equals(await rowsIn(local, shuffle)), shuffle);
    }
    const shards = served.requests.filter(({ file }) => file.startsWith("shard-"));
    assert.is(shards.length, SHARDS);
    assert.is(new Set(shards.map(({ file }) => file)).size, SHARDS);
    served.close();
  }),
);

test(
  "a cache smaller than the dataset stays within its size; one smaller than a shard says so",
  inFolder(async (folder) => {
    const { data, served } = await madeAndServed(folder, 150_000);
    const cache = path.join(folder, "cache");
    const bytes = (await stat(path.join(data, "shard-00000.arrow"))).size;
    const cacheSize = 4 * bytes + 3000;
    const remote = await openDataset(served.url, { cache, cacheSize });
    const local = await openDataset(data);
    assert.ok((await rowsIn(remote, "shards")).equals(await rowsIn(local, "shards")));
    const kept = await readdir(path.join(cache, "shards"));
    assert.ok(kept.length <= 4, `${kept.length} shards are kept`);
    const tooSmall = await openDataset(served.url, { cache, cacheSize: 1000 });
    await assertRejects(
      rowsIn(tooSmall, "none"),
      "failed",
      /cache .* is too small: .*cacheSize is 0.977 KiB/,
    );
    await assertRejects(rowsIn(remote, "window"), "failed", /12 shards .* are read at once/);
    served.close();
  }),
);

test(
  "the buffer shuffle brings each shard once an epoch through a cache of its shards and those ahead",
  inFolder(async (folder) => {
    const { data, served } = await madeAndServed(folder, 20_000);
    const bytes = (await stat(path.join(data, "shard-00000.arrow"))).size;
    const cache = path.join(folder, "cache");
    const remote = await openDataset(served.url, { cache, cacheSize: 8 * bytes });
    const local = await openDataset(data);
    const brought = (): number =>
      served.requests.filter(({ file }) => file.startsWith("shard-")).length;
    const options = { batchSize: 5000, shuffle: "buffer", bufferShards: 4, epochs: 2 } as const;
    const epochs = [0, 0];
    const own = local.batches(options)[Symbol.asyncIterator]();
    for await (const { x, epoch } of remote.batches(options)) {
      const { value } = await own.next();
      assert.equal(x, value!.x);
      epochs[epoch] = brought();
    }
    // In the second, those that are left in the cache do not come again. The next epoch's first shards may come before this one's last batch.
    assert.ok(epochs[0]! >= SHARDS && epochs[0]! <= SHARDS + 4, `${epochs[0]} in the first`);
    assert.ok(brought() <= 2 * SHARDS, `${brought()} in two epochs`);
    served.close();
  }),
);

test(
  "a server may answer by sending to another address, as Hugging Face's Hub does",
  inFolder(async (folder) => {
    const { data, served } = await madeAndServed(folder);
    const there = new URL(served.url).origin;
    const sends = createServer((request, answer) => {
      const location = `${there}/elsewhere/${path.basename(request.url ?? "")}?signed=1`;
      answer.writeHead(302, { location }).end();
    });
    await new Promise<void>((resolve) => sends.listen(0, "127.0.0.1", resolve));
    sends.unref();
    let broken = 0;
    served.fault = (answer, file, from) => {
      if (!file.startsWith("shard-") || from > 0 || broken++ > 0) return false;
      answer.writeHead(200, { "content-length": 9000 });
      createReadStream(path.join(data, file), { end: 4999 })
        .on("end", () => answer.destroy())
        .pipe(answer, { end: false });
      return true;
    };
    const { port } = sends.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/datasets/some/one/resolve/main/data`;
    const remote = await openDataset(url, { cache: path.join(folder, "cache") });
    assert.ok((await rowsIn(remote, "none")).equals(await rowsIn(await openDataset(data), "none")));
    assert.ok(
      served.requests.some(({ from }) => from > 0),
      "the range is sent on",
    );
    sends.close();
    served.close();
  }),
);

test("a server that gives up the encryption or sends in circles is not followed", async () => {
  let location = "";
  const sends = createServer((_, answer) => void answer.writeHead(302, { location }).end());
  await new Promise<void>((resolve) => sends.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(sends.address() as AddressInfo).port}/data`;
  for (const [to, message] of [
    ["http://192.0.2.1/data/manifest.json", /redirects to http:\/\/192.0.2.1, without encryption/],
    ["file:///etc/passwd", /without encryption/],
    [`${url}/manifest.json`, /redirects too often/],
    ["http://", /redirects too often/],
  ] as const) {
    location = to;
    await assertRejects(openDataset(url), "failed", message);
  }
  sends.close();
});

test(
  "over resets, refusals and truncated bodies the same bytes arrive",
  inFolder(async (folder) => {
    const { data, served } = await madeAndServed(folder);
    let count = 0;
    served.fault = (answer, file, from) => {
      if (!file.startsWith("shard-") || from > 0 || ++count > 8) return false;
      if (count % 4 === 0) answer.writeHead(503).end();
      else if (count % 4 === 1) answer.writeHead(500).end();
      else {
        // A part of the body; then the connection breaks, or the answer claims to be whole.
        const length = count % 4 === 2 ? 9000 : 5000;
        answer.writeHead(200, { "content-length": length });
        createReadStream(path.join(data, file), { end: 4999 })
          .on("end", () => length > 5000 && answer.destroy())
          .pipe(answer, { end: length === 5000 });
      }
      return true;
    };
    const remote = await openDataset(served.url, { cache: path.join(folder, "cache") });
    const local = await openDataset(data);
    assert.ok((await rowsIn(remote, "none")).equals(await rowsIn(local, "none")));
    assert.ok(
      served.requests.some(({ from }) => from > 0),
      "a download went on where it broke off",
    );
    served.close();
  }),
);

test(
  "wrong bytes and missing objects stop with a sentence",
  inFolder(async (folder) => {
    const { data, served } = await madeAndServed(folder);
    const { size } = await stat(path.join(data, "shard-00003.arrow"));
    served.fault = (answer, file) => {
      if (file !== "shard-00003.arrow") return false;
      answer.end(Buffer.alloc(size));
      return true;
    };
    const open = (): Promise<Dataset> =>
      openDataset(served.url, { cache: path.join(folder, "cache") });
    await assertRejects(rowsIn(await open(), "none"), "failed", /shard-00003.arrow is damaged/);
    served.fault = (answer, file) => {
      if (file !== "shard-00003.arrow") return false;
      answer.writeHead(404).end();
      return true;
    };
    await assertRejects(rowsIn(await open(), "none"), "failed", /shard-00003.arrow is missing/);
    served.fault = undefined;
    const local = await openDataset(data);
    assert.ok((await rowsIn(await open(), "none")).equals(await rowsIn(local, "none")));
    served.fault = (answer) => {
      answer.writeHead(404).end();
      return true;
    };
    await assertRejects(open(), "failed", /is not a dataset: it has no manifest.json/);
    await assertRejects(openDataset("http://example.com/data"), "failed", /without encryption/);
    served.close();
  }),
);

test(
  "a stalled connection is given up, and the next one goes on",
  inFolder(async (folder) => {
    const { data, served } = await madeAndServed(folder);
    served.fault = (answer, file, from) => {
      if (from > 0) return false;
      answer.writeHead(200, { "content-length": 1e6 });
      createReadStream(path.join(data, file), { end: 99 }).pipe(answer, { end: false });
      return true;
    };
    const parts: Uint8Array[] = [];
    const sink = {
      bytes: (part: Uint8Array) => void parts.push(part),
      start: () => assert.unreachable(),
    };
    const patience = { tries: 5, stall: 700, pause: 1 };
    const { signal } = new AbortController();
    const store = createHttpsStore(new URL(served.url));
    assert.is(await download(store, "manifest.json", "it", sink, signal, patience), true);
    const { size } = await stat(path.join(data, "manifest.json"));
    assert.is(Buffer.concat(parts).byteLength, size);
    served.close();
  }),
);

test.run();
