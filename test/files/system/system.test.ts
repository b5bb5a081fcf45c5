import { linkSync } from "node:fs";
import { link, readFile, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { linkOrCopy, linkOrCopyNow } from "../../../src/files/system/link-or-copy.js";
import { syncFolder, syncFolderNow } from "../../../src/files/system/flush.js";
import { systemCacheFolder } from "../../../src/files/system/system-cache.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

/* What systems do differently, forced here. test/files/file-writer.test.ts has files without direct writes. */

/** A system without hard links. */
const without = (): never => {
  throw Object.assign(new Error("EPERM: operation not permitted, link"), { code: "EPERM" });
};

test(
  "without hard links, files are copied",
  inFolder(async (folder) => {
    const source = path.join(folder, "source");
    await writeFile(source, "content");
    for (const name of ["linked", "copied"]) {
      const isLinked = name === "linked";
      const target = path.join(folder, name);
      const now = path.join(folder, `${name}-now`);
      await writeFile(target, "earlier");
      await linkOrCopy(source, target, isLinked ? link : without);
      linkOrCopyNow(source, now, isLinked ? linkSync : without);
      for (const file of [target, now]) {
        assert.is(await readFile(file, "utf8"), "content");
        assert.is((await stat(file)).ino === (await stat(source)).ino, isLinked);
      }
    }
    assert.equal((await readdir(folder)).toSorted(), [
      "copied",
      "copied-now",
      "linked",
      "linked-now",
      "source",
    ]);
    assert.throws(() => linkOrCopyNow(path.join(folder, "none"), path.join(folder, "x")), /ENOENT/);
    assert.throws(
      () => linkOrCopyNow(path.join(folder, "none"), path.join(folder, "x"), without),
      /ENOENT/,
    );
  }),
);

test("Windows does not flush folders, which is no error", async () => {
  const none = path.join("no", "such", "folder");
  await syncFolder(none, "win32");
  syncFolderNow(none, "win32");
  assert.throws(() => syncFolderNow(none), /ENOENT/);
  await syncFolder(none).then(
    () => assert.unreachable(),
    (error: unknown) => assert.match(String(error), /ENOENT/),
  );
  // Linux flushes any folder but those of the kernel.
  syncFolderNow("/proc");
});

test("every system has its own folder for caches", () => {
  const home = path.join(path.sep, "home", "me");
  const inside = (platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string =>
    systemCacheFolder(platform, environment, home);
  assert.is(inside("linux", {}), path.join(home, ".cache", "vadi"));
  assert.is(inside("linux", { XDG_CACHE_HOME: "/caches" }), path.join("/caches", "vadi"));
  assert.is(inside("linux", { XDG_CACHE_HOME: "relative" }), path.join(home, ".cache", "vadi"));
  assert.is(inside("darwin", {}), path.join(home, "Library", "Caches", "vadi"));
  assert.is(inside("win32", { LOCALAPPDATA: "C" }), path.join("C", "vadi", "cache"));
});

test.run();
