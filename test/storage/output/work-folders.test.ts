import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { clearWorkFolders, workFolder } from "../../../src/storage/output/work-folders.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

/** Makes the work folder of a URL as it was left some hours ago. */
async function make(url: string, hours: number, lock?: string): Promise<string> {
  const base = workFolder(url);
  await mkdir(path.join(base, "data"), { recursive: true });
  await writeFile(path.join(base, "data", "shard-00000.arrow"), "rows");
  if (lock !== undefined) await writeFile(path.join(base, ".lock"), lock);
  const then = Date.now() / 1000 - hours * 3600;
  for (const one of [path.join(base, "data"), base]) await utimes(one, then, then);
  return path.basename(base);
}

test(
  "work folders go that killed processes left a day ago, and no others",
  inFolder(async (folder) => {
    const before = process.env["XDG_CACHE_HOME"];
    process.env["XDG_CACHE_HOME"] = folder;
    try {
      await clearWorkFolders();
      const dead = `${2 ** 30} 0\n`;
      await make("s3://bucket/old", 25);
      await make("s3://bucket/killed", 25, dead);
      const kept = [
        await make("s3://bucket/young", 23, dead),
        await make("s3://bucket/living", 25, `${process.ppid} 0\n`),
        // A shard has been added an hour ago.
        await make("s3://bucket/at-work", 25, dead),
      ];
      const now = Date.now() / 1000 - 3600;
      await utimes(path.join(workFolder("s3://bucket/at-work"), "data"), now, now);
      await clearWorkFolders();
      const left = await readdir(path.dirname(workFolder("s3://bucket")));
      assert.equal(left.toSorted(), kept.toSorted());
    } finally {
      if (before === undefined) delete process.env["XDG_CACHE_HOME"];
      else process.env["XDG_CACHE_HOME"] = before;
    }
  }),
);

test.run();
