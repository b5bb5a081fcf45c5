/*
 * A process that consumes batches in some way, and says what it saw as JSON:
 * `node consumer-child.js DATASET HOW OPTIONS-as-JSON`.
 */
import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { peakRssBytes } from "../../src/common/process/memory.js";
import { openDataset, type BatchOptions } from "../../src/stream/index.js";

const [source = "", how = "", options = "{}"] = process.argv.slice(2);
const dataset = await openDataset(source);
const loader = dataset.batches(JSON.parse(options) as BatchOptions);
const before = process.memoryUsage().rss;
let rows = 0;

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify({ rows, ...fact })}\n`);
}

if (how === "forget") {
  // Takes one batch, and neither goes on nor says that it will not.
  await loader[Symbol.asyncIterator]().next();
  say({});
} else if (how.startsWith("digest")) {
  // So many batches, or all: what each holds, and where the loader stands then.
  const most = Number(how.slice("digest".length) || Infinity);
  const batches: unknown[] = [];
  for await (const { epoch, index, x, y } of loader) {
    const digest = createHash("sha256").update(x).update(y).digest("hex");
    batches.push([epoch, index, digest]);
    if (batches.length >= most) break;
  }
  say({ batches, state: loader.state() });
} else {
  for await (const batch of loader) {
    rows += batch.rows;
    if (how === "break") break;
    if (how === "throw") {
      say({});
      throw new Error("as the test wants it");
    }
    if (how === "hang") {
      say({});
      await new Promise(() => setInterval(() => {}, 1000));
    }
    if (how === "pause") {
      const sizes = [];
      for (let second = 0; second < 4; second++) {
        await wait(700);
        sizes.push(process.memoryUsage().rss);
      }
      say({ sizes });
      break;
    }
  }
  say({ growth: peakRssBytes() - before });
}
