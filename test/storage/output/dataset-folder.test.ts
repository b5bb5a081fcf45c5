import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, skip, test } from "../../helpers/test.js";
import { verifyDataset, writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { mountDisk } from "../../helpers/disk.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects, namesIn, readRows, sumsOf } from "../folders.js";
import { abortAfter, assertNothingTemporary, startChild, untilPrinted } from "../jobs.js";

/** A pid that was a process's, and is nobody's now. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

test(
  "two writers in one folder: the second is refused and told whom to wait for",
  inFolder(async (folder) => {
    const spec = { kind: "lsm", rows: 200_000, shardRows: 2000, workers: 1 } as const;
    const out = path.join(folder, "data");
    const child = startChild({ ...spec, out });
    await untilPrinted(child, "generating");
    child.kill("SIGSTOP");
    for (const options of [{}, { resume: true }, { force: true }]) {
      const refused = new RegExp(`being written by process ${child.pid}`);
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
    for (const holder of [`${deadPid()} 0\n`, `${process.pid} 0\n`, "nonsense"]) {
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
    await assertRejects(writeDataset({ ...spec, seed: 2 }), "failed", /already; use force/);
    assert.is(await sumsOf(out), before);

    // Aborted and failed replacements leave the old dataset, and nothing beside it: also where the
    // last of the six shards is whole.
    for (const reports of [3, 6]) {
      await abortAfter({ ...spec, seed: 2, force: true }, "generating", reports);
      assert.is(await sumsOf(out), before);
      assert.ok((await verifyDataset(out)).ok);
      assert.equal(await namesIn(folder), ["data"]);
      await assertNothingTemporary(out);
    }
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
  "a replacement that was killed between its renames is ended by the next generation",
  inFolder(async (folder) => {
    const spec = { kind: "lsm", rows: 300, workers: 1 } as const;
    const out = path.join(folder, "data");
    const beside = path.join(folder, ".data.vadi-new");
    const old = path.join(folder, ".data.vadi-old");
    await writeDataset({ ...spec, out: old, seed: 1 });
    await writeDataset({ ...spec, out: beside, seed: 2 });
    const sums = { old: await sumsOf(old), beside: await sumsOf(beside) };
    await writeFile(path.join(beside, ".lock"), `${deadPid()} 0\n`);
    // Until then, whoever opens it is told.
    for (const open of [openDataset(out), verifyDataset(out)]) {
      await assertRejects(open, "failed", /data was being replaced .*next 'vadi generate' .* name/);
    }
    await assertRejects(writeDataset({ ...spec, out }), "failed", /holds a dataset already/);
    assert.is(await sumsOf(out), sums.beside);
    assert.equal(await namesIn(folder), ["data"]);
    await assertNothingTemporary(out);

    // Without a whole new one the old dataset gets its name back.
    await rename(out, old);
    await assertRejects(openDataset(out), "failed", /gives the old dataset its name back/);
    await assertRejects(writeDataset({ ...spec, out }), "failed", /holds a dataset already/);
    assert.is(await sumsOf(out), sums.beside);
    assert.equal(await namesIn(folder), ["data"]);

    // A process that is in the middle of it is left alone.
    await rename(out, old);
    await writeDataset({ ...spec, out: beside, seed: 3 });
    await writeFile(path.join(beside, ".lock"), `${process.ppid} 0\n`);
    await assertRejects(writeDataset({ ...spec, out }), "failed", /being written by process/);
    const { ppid } = process;
    await assertRejects(openDataset(out), "failed", new RegExp(`replaced by process ${ppid}; try`));
    assert.equal(await namesIn(folder), [".data.vadi-new", ".data.vadi-old"]);
  }),
);

test(
  "a dataset that a link names is replaced where it lies",
  inFolder(async (folder) => {
    const disk = path.join(folder, "disk");
    const link = path.join(folder, "data");
    const spec = { kind: "lsm", rows: 300, workers: 1 } as const;
    await writeDataset({ ...spec, out: path.join(disk, "real"), seed: 1 });
    await symlink(path.join("disk", "real"), link);
    const before = await sumsOf(link);
    await writeDataset({ ...spec, out: link, seed: 2, force: true });
    assert.not.equal(await sumsOf(link), before);
    assert.is(await sumsOf(link), await sumsOf(path.join(disk, "real")));
    assert.equal([await namesIn(folder), await namesIn(disk)], [["data", "disk"], ["real"]]);
    // Killed between its renames, it is ended there as well.
    await writeDataset({ ...spec, out: path.join(disk, ".real.vadi-new"), seed: 3 });
    await rename(path.join(disk, "real"), path.join(disk, ".real.vadi-old"));
    await assertRejects(openDataset(link), "failed", /data was being replaced/);
    await assertRejects(writeDataset({ ...spec, out: link }), "failed", /holds a dataset already/);
    assert.equal([await namesIn(folder), await namesIn(disk)], [["data", "disk"], ["real"]]);
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

test(
  "a full disk is one clear sentence, and the generation can go on when there is space",
  inFolder(async (folder) => {
    const disk = path.join(folder, "disk");
    await mkdir(disk);
    const unmount = mountDisk(disk, "3m");
    if (unmount === undefined) {
      skip("no disk can be mounted here");
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
      assert.equal(await namesIn(disk), []);
      // … but the size of compressed data is not known, and others write as well.
      const packed = { ...spec, format: "parquet", compression: "snappy" } as const;
      await assertRejects(
        writeDataset(packed),
        "failed",
        /disk is full: .*shard-.*continue with resume/,
      );
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
