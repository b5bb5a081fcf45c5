import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readlink, rename, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { assert, skip, test } from "../helpers/test.js";
import { writeDataset } from "../../src/storage/index.js";
import {
  openDataset,
  SHUFFLE_MODES,
  type BatchOptions,
  type Dataset,
} from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";
import { assertRejects, namesIn } from "../storage/folders.js";

const CHILD = fileURLToPath(new URL("consumer-child.js", import.meta.url));

/** 8.8 MB, so that a budget of 8 MiB sends `global` to its scratch file. */
const SPEC = { kind: "lsm", rows: 200_000, features: 10, shardRows: 20_000 } as const;
const BUDGET = 8 * 2 ** 20;

async function makeData(folder: string): Promise<{ out: string; scratch: string; data: Dataset }> {
  const out = path.join(folder, "data");
  await writeDataset({ ...SPEC, out });
  return { out, scratch: path.join(folder, "scratch"), data: await openDataset(out) };
}

async function assertNoScratch(scratch: string): Promise<void> {
  if (existsSync(scratch)) assert.equal(await namesIn(scratch), []);
}

/** What regular files this process has open, where the platform tells. */
async function openFiles(): Promise<string[]> {
  const folder = "/proc/self/fd";
  if (!existsSync(folder)) return [];
  const links = await Promise.all(
    (await namesIn(folder)).map((name) => readlink(path.join(folder, name)).catch(() => "")),
  );
  return links.filter((file) => /\.arrow|vadi-scratch/.test(file));
}

/** Takes batches until there are no more, or so many. */
async function take(data: Dataset, options: BatchOptions, most = Infinity): Promise<number> {
  let taken = 0;
  for await (const batch of data.batches(options)) {
    assert.ok(batch.rows > 0);
    if (++taken === most) break;
  }
  return taken;
}

/** Runs a consumer to its end, which must come by itself. */
async function runChild(
  source: string,
  how: string,
  options: BatchOptions,
): Promise<{ code: number | null }> {
  const child = startChild(source, how, options);
  child.stdout!.resume();
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  return { code };
}

function startChild(source: string, how: string, options: BatchOptions): ChildProcess {
  return spawn(process.execPath, [CHILD, source, how, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
}

test(
  "break, return and an error of the consumer free everything, in every mode and budget",
  inFolder(async (folder) => {
    const { data, scratch } = await makeData(folder);
    // The threads are there from now on.
    assert.is(await take(data, { batchSize: 1000 }), 200);
    const files = await openFiles();
    for (const shuffle of SHUFFLE_MODES) {
      const options = { batchSize: 1000, shuffle, memory: BUDGET, scratch, epochs: 2 };
      for (const most of [1, 199, 201]) {
        assert.is(await take(data, options, most), most);
        await assertNoScratch(scratch);
      }
      const iterator = data.batches(options)[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.return?.();
      assert.equal(await iterator.next(), { done: true, value: undefined });
      await assertNoScratch(scratch);
      let thrown: unknown;
      try {
        for await (const batch of data.batches(options)) throw new Error(`${batch.rows} rows`);
      } catch (error) {
        thrown = error;
      }
      assert.match(String(thrown), /1000 rows/);
      await assertNoScratch(scratch);
    }
    assert.equal(await openFiles(), files, "no file stays open");
  }),
);

test(
  "an abort ends the iteration at any moment, and frees everything",
  inFolder(async (folder) => {
    const { data, scratch } = await makeData(folder);
    const warnings: Error[] = [];
    const warn = (warning: Error): number => warnings.push(warning);
    process.on("warning", warn);
    for (const shuffle of SHUFFLE_MODES) {
      const options = { batchSize: 1000, shuffle, memory: BUDGET, scratch, epochs: 2 };
      for (const after of shuffle === "global" ? [0, 1, 150, 250] : [0, 150]) {
        const stop = new AbortController();
        if (after === 0) stop.abort();
        const consume = async (): Promise<void> => {
          let taken = 0;
          for await (const batch of data.batches({ ...options, signal: stop.signal })) {
            assert.ok(batch.rows > 0);
            if (++taken === after) stop.abort();
            assert.ok(taken <= after, "a batch after the abort");
          }
        };
        await assertRejects(consume(), "interrupted", /./);
        await assertNoScratch(scratch);
      }
      // While the first batch is waited for: `global` scatters then.
      for (const milliseconds of shuffle === "global" ? [5, 30] : [5]) {
        const stop = new AbortController();
        const iterator = data.batches({ ...options, signal: stop.signal })[Symbol.asyncIterator]();
        const first = iterator.next();
        await wait(milliseconds);
        stop.abort();
        // Where the first batch was faster than the abort, the second one must not come.
        const ended = first.then(({ value }) => {
          assert.is(value?.index, 0);
          return iterator.next();
        });
        await assertRejects(ended, "interrupted", /Interrupted/);
        assert.equal(await iterator.next(), { done: true, value: undefined });
        await assertNoScratch(scratch);
      }
      // Others are not disturbed, and a signal that never comes changes nothing.
      const { signal } = new AbortController();
      assert.is(await take(data, { ...options, signal }), 400);
    }
    process.off("warning", warn);
    assert.equal(warnings, []);
  }),
);

test(
  "a process that has broken off its iteration ends by itself",
  inFolder(async (folder) => {
    const { out, scratch } = await makeData(folder);
    for (const [how, shuffle, code] of [
      ["break", "window", 0],
      ["break", "global", 0],
      ["throw", "global", 1],
      ["forget", "window", 0],
      ["all", "global", 0],
    ] as const) {
      const options = { batchSize: 1000, shuffle, memory: BUDGET, scratch };
      const ended = await runChild(out, how, options);
      // A process that does not end is killed after 30 s, and then has no exit code.
      assert.is(ended.code, code, `${how} ${shuffle}`);
      await assertNoScratch(scratch);
    }
  }),
);

test(
  "scratch of killed processes is removed at the next start, that of living ones is not",
  inFolder(async (folder) => {
    const { out, scratch, data } = await makeData(folder);
    const options = { batchSize: 1000, shuffle: "global", memory: BUDGET, scratch } as const;
    const killed = startChild(out, "hang", options);
    await once(killed.stdout!, "data");
    killed.kill("SIGKILL");
    await once(killed, "close");
    const living = startChild(out, "hang", options);
    try {
      await once(living.stdout!, "data");
      // The second has cleared up behind the first.
      const names = await namesIn(scratch);
      assert.is(names.length, 1);
      assert.match(names[0]!, new RegExp(`^vadi-scratch-${living.pid}-`));
      const pid = spawnSync(process.execPath, ["-e", ""]).pid;
      await mkdir(path.join(scratch, `vadi-scratch-${pid}-abc`));
      // In a container, the process before may have had this one's number.
      await mkdir(path.join(scratch, `vadi-scratch-${process.pid}-0-abc`));
      await mkdir(path.join(scratch, "vadi-scratch-of-mine"));
      await writeFile(path.join(scratch, "notes.txt"), "mine");
      assert.is(await take(data, options), 200);
      assert.equal(
        await namesIn(scratch),
        [names[0], "notes.txt", "vadi-scratch-of-mine"].toSorted(),
      );
    } finally {
      living.kill("SIGKILL");
      await once(living, "close");
    }
  }),
);

for (const [what, harm, pattern] of [
  ["removed", (file: string) => rm(file), /Could not open shard .*shard-00007\.arrow: ENOENT.*\.$/],
  ["cut short", (file: string) => truncate(file, 400_000), /shard-00007\.arrow/],
  [
    "replaced",
    async (file: string) => {
      await writeFile(`${file}.new`, await readFile(file));
      await rename(`${file}.new`, file);
    },
    /shard-00007\.arrow has changed since (?:the dataset|it) was opened/,
  ],
  [
    "written to",
    async (file: string) => {
      const bytes = await readFile(file);
      bytes.fill(0, 10_000, 10_040);
      await writeFile(file, bytes);
    },
    /shard-00007\.arrow has changed since (?:the dataset|it) was opened/,
  ],
  [
    "damaged",
    async (file: string) => {
      const bytes = await readFile(file);
      bytes.fill(0xff, bytes.length - 40);
      await writeFile(file, bytes);
    },
    /shard-00007\.arrow/,
  ],
] as const) {
  test(
    `a shard that is ${what} during the iteration ends it with a sentence that names the file`,
    inFolder(async (folder) => {
      const { out, scratch } = await makeData(folder);
      const file = path.join(out, "shard-00007.arrow");
      await rename(file, path.join(folder, "whole"));
      for (const shuffle of SHUFFLE_MODES) {
        await writeFile(file, await readFile(path.join(folder, "whole")));
        const data = await openDataset(out);
        const consume = async (): Promise<void> => {
          let taken = 0;
          // Several epochs: after the first batch of `global` all shards have been read.
          const options = { batchSize: 1000, shuffle, memory: BUDGET, scratch, epochs: 3 };
          for await (const batch of data.batches(options)) {
            assert.ok(batch.rows > 0);
            if (++taken === 1) await harm(file);
          }
        };
        await assertRejects(consume(), "failed", pattern);
        await assertNoScratch(scratch);
      }
      // What is ok can still be read in the same process.
      await writeFile(file, await readFile(path.join(folder, "whole")));
      assert.is(await take(await openDataset(out), { batchSize: 1000 }), 200);
    }),
  );
}

test(
  "a scratch folder that cannot be used is a failure that names it",
  inFolder(async (folder) => {
    const { data } = await makeData(folder);
    const file = path.join(folder, "file");
    await writeFile(file, "");
    for (const scratch of [file, path.join(file, "below")]) {
      const options = { batchSize: 1000, shuffle: "global", memory: BUDGET, scratch } as const;
      await assertRejects(take(data, options), "failed", /file.* --scratch/);
    }
  }),
);

test(
  "a scratch file that is lost ends the iteration with a sentence that names it",
  inFolder(async (folder) => {
    const { scratch, data } = await makeData(folder);
    const options = { batchSize: 1000, shuffle: "global", memory: BUDGET, scratch } as const;
    const consume = async (): Promise<void> => {
      for await (const { index } of data.batches(options)) {
        if (index > 0) continue;
        const [name] = await namesIn(scratch);
        await rm(path.join(scratch, name!, "rows"));
      }
    };
    await assertRejects(consume(), "failed", /scratch.*rows.*ENOENT/);
    await assertNoScratch(scratch);
  }),
);

test(
  "a scratch disk that is too small is a failure that says so, and what to do",
  inFolder(async (folder) => {
    const { data } = await makeData(folder);
    const scratch = path.join(folder, "disk");
    await mkdir(scratch);
    const mount = ["-t", "tmpfs", "-o", "size=9m", "vadi-test", scratch];
    if (process.getuid?.() !== 0 || spawnSync("mount", mount).status !== 0) {
      skip("no disk can be mounted here");
    }
    try {
      const options = { batchSize: 1000, shuffle: "global", memory: BUDGET, scratch } as const;
      assert.is(await take(data, options), 200);
      await writeFile(path.join(scratch, "other"), new Uint8Array(2 ** 20));
      await assertRejects(take(data, options), "failed", /needs 8\.39 MiB of scratch.* --scratch/);
      assert.equal(await namesIn(scratch), ["other"]);
    } finally {
      spawnSync("umount", ["-l", scratch]);
    }
  }),
);

test.run();
