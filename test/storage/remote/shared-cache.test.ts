import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { writeDataset } from "../../../src/storage/index.js";
import { vadi } from "../../cli/vadi.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

/* Processes that share a cache, one of which is killed. */

const SHARDS = 12;
const SHARD_ROWS = 20_000;
const PROCESSES = 3;

interface Served {
  url: string;
  /** The files that were asked for. */
  requests: string[];
  close(): void;
}

async function serve(folder: string): Promise<Served> {
  const served: Served = { url: "", requests: [], close: () => server.close() };
  const server = createServer((request, answer) => {
    const name = path.basename(request.url ?? "");
    served.requests.push(name);
    createReadStream(path.join(folder, name)).pipe(answer.writeHead(200));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
  return served;
}

/** The bytes of the shards in a cache, and of those that arrive. */
async function bytesIn(cache: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(path.join(cache, "shards")).catch(() => [])) {
    bytes += (await stat(path.join(cache, "shards", name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

test(
  "processes that share a cache have the weights of local files, also where one is killed",
  inFolder(async (folder) => {
    const data = path.join(folder, "data");
    const rows = SHARDS * SHARD_ROWS;
    await writeDataset({ kind: "lsm", out: data, rows, features: 3, shardRows: SHARD_ROWS });
    const { size } = await stat(path.join(data, "shard-00000.arrow"));
    const served = await serve(data);
    const train = (source: string, out: string, more: string[] = []): ReturnType<typeof vadi> => {
      const words = ["train", source, "--out", path.join(folder, out), "--epochs", "2"];
      words.push("--shuffle", "buffer", "--buffer-shards", "3", "--backend", "wasm", "--quiet");
      return vadi([...words, ...more]);
    };
    const weights = (out: string): Promise<Buffer> =>
      readFile(path.join(folder, out, "model", "weights.bin"));
    try {
      assert.is((await train(data, "local")).code, 0);
      for (const shards of [SHARDS, PROCESSES * 3 + 1]) {
        const cache = path.join(folder, `cache-${shards}`);
        const place = ["--cache", cache, "--cache-size", String(shards * (size + 10))];
        served.requests.length = 0;
        const names = Array.from({ length: PROCESSES }, (_, at) => `run-${shards}-${at}`);
        let running = true;
        const watched = (async () => {
          for (let most = 0; ; await pause(20)) {
            most = Math.max(most, await bytesIn(cache));
            if (!running) return most;
          }
        })();
        const victim = vadi(
          [
            "train",
            served.url,
            "--out",
            path.join(folder, `killed-${shards}`),
            ...place,
            "--quiet",
          ],
          {
            onStart(child) {
              // Once it brings shards.
              const timer = setInterval(() => {
                if (!served.requests.some((name) => name.startsWith("shard-"))) return;
                clearInterval(timer);
                child.kill("SIGKILL");
              }, 5);
              child.once("exit", () => clearInterval(timer));
            },
          },
        );
        const outcomes = await Promise.all(names.map((name) => train(served.url, name, place)));
        assert.is((await victim).signal, "SIGKILL");
        running = false;
        for (const [at, { code, stderr }] of outcomes.entries()) {
          assert.is(code, 0, stderr);
          assert.ok((await weights(names[at]!)).equals(await weights("local")), names[at]);
        }
        const most = await watched;
        assert.ok(most <= shards * (size + 10), `${most} of ${shards * (size + 10)} bytes`);
        if (shards < SHARDS) continue;
        // Each shard once; those that the killed one was bringing may have come again.
        const brought = served.requests.filter((name) => name.startsWith("shard-"));
        assert.is(new Set(brought).size, SHARDS);
        assert.ok(brought.length <= SHARDS + 8, brought.join());
      }
    } finally {
      served.close();
    }
  }),
);

test.run();
