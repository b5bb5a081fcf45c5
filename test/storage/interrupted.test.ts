import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomWords } from "../../src/generate/index.js";
import { verifyDataset, writeDataset, type GenerateSpec } from "../../src/storage/index.js";
import { openDataset } from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";
import { assertRejects, namesIn, readRows, sumsOf } from "./folders.js";

const CHILD = fileURLToPath(new URL("generate-child.js", import.meta.url));

function startChild(spec: GenerateSpec): ChildProcess {
  return spawn(process.execPath, [CHILD, JSON.stringify(spec)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Waits until a child has printed a word, or has ended. */
async function untilPrinted(child: ChildProcess, word: string): Promise<void> {
  let text = "";
  const ended = once(child, "close");
  const printed = new Promise<void>((resolve) => {
    child.stdout!.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(word)) resolve();
    });
  });
  await Promise.race([printed, ended]);
}

/** Generates until the given number of progress reports have come, and is aborted then. */
async function abortAfter(spec: GenerateSpec, phase: string, reports: number): Promise<void> {
  const stop = new AbortController();
  let seen = 0;
  const made = writeDataset(spec, {
    signal: stop.signal,
    onProgress(progress) {
      if (progress.phase === phase && ++seen === reports) stop.abort();
    },
  });
  await assertRejects(made, "interrupted", /Interrupted/);
}

/** Names that no finished, interrupted or refused job leaves. */
async function assertNothingTemporary(folder: string): Promise<void> {
  const names = await namesIn(folder);
  assert.equal(
    names.filter((name) => name.endsWith(".tmp") || name === ".lock"),
    [],
  );
}

/** A pid that was a process's, and is nobody's now. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

for (const [kind, phase] of [
  ["lsm", "generating"],
  ["two-layer-sigmoid", "first maximum"],
  ["two-layer-sigmoid", "generating"],
] as const) {
  test(
    `${kind}, aborted while ${phase}: nothing temporary stays, and resuming gives the same bytes`,
    inFolder(async (folder) => {
      const spec = { kind, rows: 6000, features: 3, shardRows: 500, workers: 2 };
      const whole = path.join(folder, "whole");
      await writeDataset({ ...spec, out: whole });
      const out = path.join(folder, "data");
      await abortAfter({ ...spec, out }, phase, 4);
      await assertNothingTemporary(out);
      await assertRejects(openDataset(out), "failed", /not finished.*--resume/);
      await assertRejects(writeDataset({ ...spec, out }), "failed", /not finished.*--resume/);

      const kept = (await namesIn(out)).filter((name) => name.startsWith("shard-"));
      const times = kept.map((name) => readFileSync(path.join(out, name)));
      // Another number of workers, and a second interruption.
      await abortAfter({ ...spec, out, resume: true, workers: 1 }, "generating", 6);
      assert.equal(
        kept.map((name) => readFileSync(path.join(out, name))),
        times,
      );
      await writeDataset({ ...spec, out, resume: true, workers: 3 });
      assert.is(await sumsOf(out), await sumsOf(whole));
      assert.ok((await verifyDataset(out)).ok);
      assert.equal(await namesIn(out), await namesIn(whole));
      await assertRejects(writeDataset({ ...spec, out, resume: true }), "failed", /finished/);
    }),
  );
}

test(
  "an abort before the start makes nothing",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    const signal = AbortSignal.abort();
    await assertRejects(writeDataset({ kind: "lsm", out }, { signal }), "interrupted", /./);
    assert.ok(!existsSync(out));
  }),
);

test(
  "resuming with other options is refused, whichever it is, and leaves the folder as it was",
  inFolder(async (folder) => {
    const spec = { kind: "lsm", rows: 4000, features: 3, shardRows: 500 } as const;
    const out = path.join(folder, "data");
    await abortAfter({ ...spec, out }, "generating", 2);
    const before = await namesIn(out);
    for (const change of [
      { kind: "two-layer-sigmoid" as const },
      { rows: 4001 },
      { features: 4 },
      { shardRows: 501 },
      { noise: 0.2 },
      { seed: 43 },
      { format: "parquet" as const },
    ]) {
      await assertRejects(
        writeDataset({ ...spec, ...change, out, resume: true }),
        "failed",
        /another specification/,
      );
    }
    assert.equal(await namesIn(out), before);
    await writeDataset({ ...spec, out, resume: true });
    assert.ok((await verifyDataset(out)).ok);
  }),
);

test(
  "resuming trusts only what matches its journal",
  inFolder(async (folder) => {
    const spec = { kind: "lsm", rows: 4000, features: 3, shardRows: 500, workers: 1 } as const;
    const whole = path.join(folder, "whole");
    await writeDataset({ ...spec, out: whole });
    const out = path.join(folder, "data");
    await abortAfter({ ...spec, out }, "generating", 5);
    const damaged = path.join(out, "shard-00001.arrow");
    const bytes = await readFile(damaged);
    bytes[1000]! ^= 1;
    await writeFile(damaged, bytes);
    await rm(path.join(out, "shard-00002.arrow"));
    await writeFile(path.join(out, "shard-00003.arrow"), "short");
    await writeFile(path.join(out, "shard-00004.arrow.tmp"), "left by a kill");
    // A crash can cut the journal's last line.
    const journal = path.join(out, ".progress.jsonl");
    await writeFile(journal, `${await readFile(journal, "utf8")}{"shard":{"file":"sha`);
    await writeDataset({ ...spec, out, resume: true });
    assert.is(await sumsOf(out), await sumsOf(whole));
    assert.equal(await namesIn(out), await namesIn(whole));

    // A journal that cannot be read at all is as none.
    const other = path.join(folder, "other");
    await abortAfter({ ...spec, out: other }, "generating", 3);
    await writeFile(path.join(other, ".progress.jsonl"), "nonsense");
    await writeDataset({ ...spec, out: other, resume: true });
    assert.is(await sumsOf(other), await sumsOf(whole));
  }),
);

test(
  "killed at any moments and resumed: the same bytes",
  inFolder(async (folder) => {
    for (const [round, kind] of (["lsm", "two-layer-sigmoid"] as const).entries()) {
      const spec = { kind, rows: 120_000, shardRows: 2000, workers: 2 };
      const whole = path.join(folder, `whole${round}`);
      await writeDataset({ ...spec, out: whole });
      const out = path.join(folder, `data${round}`);
      const moments = randomWords(1, round, 0, 4);
      let killed = 0;
      for (const moment of moments) {
        const child = startChild({ ...spec, out, resume: true });
        await untilPrinted(child, kind === "lsm" ? "generating" : "maximum");
        await wait((moment / 2 ** 32) * 60);
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
        if (child.signalCode === "SIGKILL") killed++;
        if (existsSync(path.join(out, "manifest.json"))) break;
        await assertRejects(openDataset(out), "failed", /not finished/);
      }
      assert.ok(killed > 0, "at least one was killed on the way");
      if (!existsSync(path.join(out, "manifest.json"))) {
        await writeDataset({ ...spec, out, resume: true });
      }
      assert.is(await sumsOf(out), await sumsOf(whole));
      assert.ok((await verifyDataset(out)).ok);
    }
  }),
);

test(
  "two writers in one folder: the second is refused and told whom to wait for",
  inFolder(async (folder) => {
    const spec = { kind: "lsm", rows: 200_000, shardRows: 2000, workers: 1 } as const;
    const out = path.join(folder, "data");
    const child = startChild({ ...spec, out });
    await untilPrinted(child, "generating");
    child.kill("SIGSTOP");
    for (const options of [{}, { resume: true }, { force: true }]) {
      const refused =
        Object.keys(options).length === 0
          ? /not finished/
          : new RegExp(`being written by process ${child.pid}`);
      await assertRejects(writeDataset({ ...spec, ...options, out }), "failed", refused);
    }
    child.kill("SIGCONT");
    await once(child, "exit");
    assert.is(child.exitCode, 0);
    assert.ok((await verifyDataset(out)).ok);
    await assertNothingTemporary(out);
  }),
);

test(
  "two writers of one process, started at once: one makes it, one is refused",
  inFolder(async (folder) => {
    const spec = {
      kind: "lsm",
      out: path.join(folder, "data"),
      rows: 5000,
      shardRows: 100,
    } as const;
    const results = await Promise.allSettled([writeDataset(spec), writeDataset(spec)]);
    assert.equal(results.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    for (const result of results) {
      if (result.status === "rejected") {
        assert.match(String(result.reason), new RegExp(`being written by process ${process.pid}`));
      }
    }
    assert.ok((await verifyDataset(spec.out)).ok);
  }),
);

test(
  "the lock of a dead process is taken over, of whichever number",
  inFolder(async (folder) => {
    // In a container, the process before may have had this one's number.
    for (const holder of [`${deadPid()} 0\n`, `${process.pid} 0\n`, "", "nonsense", "-1", "0"]) {
      const out = path.join(folder, "data");
      await mkdir(out);
      await writeFile(path.join(out, ".lock"), holder);
      await writeDataset({ kind: "lsm", out, rows: 50 });
      await assertNothingTemporary(out);
      await rm(out, { recursive: true });
    }
  }),
);

test(
  "an existing dataset is refused without force, and replaced with it",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    const spec = { kind: "lsm", out, rows: 3000, shardRows: 500 } as const;
    await writeDataset({ ...spec, seed: 1 });
    const before = await sumsOf(out);
    await assertRejects(writeDataset({ ...spec, seed: 2 }), "failed", /already; use --force/);
    assert.is(await sumsOf(out), before);

    // Aborted and failed replacements leave the old dataset, and nothing beside it.
    await abortAfter({ ...spec, seed: 2, force: true }, "generating", 3);
    assert.is(await sumsOf(out), before);
    assert.ok((await verifyDataset(out)).ok);
    assert.equal(await namesIn(folder), ["data"]);
    await assertNothingTemporary(out);
    const stopped = AbortSignal.abort();
    await assertRejects(
      writeDataset({ ...spec, seed: 2, force: true }, { signal: stopped }),
      "interrupted",
      /./,
    );

    await writeDataset({ ...spec, rows: 1000, seed: 2, force: true });
    assert.not.equal(await sumsOf(out), before);
    assert.is((await readRows(out)).y.length, 1000);
    assert.equal(await namesIn(folder), ["data"]);
    assert.ok((await verifyDataset(out)).ok, "no shard of the old one is left");
  }),
);

test(
  "a killed replacement leaves the old dataset, and the next one clears up",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    const spec = { kind: "lsm", out, rows: 100_000, shardRows: 1000, workers: 1 } as const;
    await writeDataset({ ...spec, rows: 2000 });
    const before = await sumsOf(out);
    const child = startChild({ ...spec, force: true });
    await untilPrinted(child, "generating");
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.is(await sumsOf(out), before);
    assert.is((await openDataset(out)).rows, 2000);
    await writeDataset({ ...spec, rows: 3000, force: true });
    assert.is((await openDataset(out)).rows, 3000);
    assert.equal(await namesIn(folder), ["data"]);
    assert.ok((await verifyDataset(out)).ok);
  }),
);

test(
  "files of others are never removed",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await mkdir(out);
    const own = path.join(out, "thesis.tex");
    await writeFile(own, "years of work");
    const spec = { kind: "lsm", out, rows: 100 } as const;
    for (const options of [{}, { force: true }, { resume: true }]) {
      await assertRejects(writeDataset({ ...spec, ...options }), "failed", /'thesis\.tex'/);
    }
    await rm(own);

    // The name of a shard alone does not make it vadi's.
    const shard = path.join(out, "shard-00000.parquet");
    await writeFile(shard, "of another program");
    for (const options of [{}, { resume: true }]) {
      await assertRejects(writeDataset({ ...spec, ...options }), "failed", /shard-00000\.parquet/);
    }
    assert.is(await readFile(shard, "utf8"), "of another program");
    await rm(shard);

    await writeDataset(spec);
    await writeFile(own, "years of work");
    await assertRejects(writeDataset({ ...spec, force: true }), "failed", /'thesis\.tex'/);
    assert.is(await readFile(own, "utf8"), "years of work");
    assert.equal(await namesIn(folder), ["data"]);
  }),
);

/** A small disk of its own, or undefined where this user may not mount one. */
function mountDisk(folder: string, size: string): (() => void) | undefined {
  const options = ["-t", "tmpfs", "-o", `size=${size}`, "vadi-test", folder];
  if (process.getuid?.() !== 0 || spawnSync("mount", options).status !== 0) return undefined;
  return () => execFileSync("umount", ["-l", folder]);
}

test(
  "a full disk is one clear sentence, and the generation can go on when there is space",
  inFolder(async (folder) => {
    const disk = path.join(folder, "disk");
    await mkdir(disk);
    const unmount = mountDisk(disk, "3m");
    if (unmount === undefined) {
      process.stdout.write("skipped: no disk can be mounted here\n");
      return;
    }
    try {
      const out = path.join(disk, "data");
      const spec = { kind: "lsm", out, rows: 100_000, shardRows: 10_000, workers: 2 } as const;
      // What will not fit is refused before anything is written…
      await assertRejects(
        writeDataset(spec),
        "failed",
        /needs 4\.2 MiB, but the disk of .* has .* MiB free/,
      );
      assert.not.ok((await namesIn(out)).some((name) => name.startsWith("shard-")));
      // … but the size of compressed data is not known, and others write as well.
      const packed = { ...spec, format: "parquet", compression: "snappy" } as const;
      await assertRejects(writeDataset(packed), "failed", /disk is full: .*shard-.*--resume/);
      await assertNothingTemporary(out);
      assert.ok((await namesIn(out)).some((name) => name.startsWith("shard-")));
      execFileSync("mount", ["-o", "remount,size=30m", disk]);
      await writeDataset({ ...packed, resume: true });
      assert.ok((await verifyDataset(out)).ok);
      const whole = path.join(folder, "whole");
      await writeDataset({ ...packed, out: whole });
      assert.is(await sumsOf(out), await sumsOf(whole));
    } finally {
      unmount();
    }
  }),
);

test.run();
