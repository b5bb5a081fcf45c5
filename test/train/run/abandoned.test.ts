import { spawnSync } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { openDataset, train, writeDataset } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { messageOf } from "../../helpers/message-of.js";
import { assert, test } from "../../helpers/test.js";

test(
  "a training that was killed before it wrote its record is started again; a folder without its lock is left alone",
  inFolder(async (folder) => {
    const data = path.join(folder, "data");
    await writeDataset({ kind: "lsm", rows: 40, features: 2, out: data });
    const options = { model: "linear", batchSize: 20, out: path.join(folder, "run") };
    const { pid } = spawnSync(process.execPath, ["--version"]);
    for (const extra of [{}, { force: true }]) {
      const out = path.join(folder, `run-${JSON.stringify(extra).length}`);
      await mkdir(path.join(out, "model"), { recursive: true });
      await writeFile(path.join(out, "model", "weights.bin"), "half of them");
      const dataset = await openDataset(data);
      // It may be anyone's: nothing says that a training made it.
      assert.match(await messageOf(train(dataset, { ...options, ...extra, out })), /is not a run/);
      await writeFile(path.join(out, ".lock"), `${pid} 0\n`);
      await writeFile(path.join(out, "mine"), "mine");
      assert.match(await messageOf(train(dataset, { ...options, ...extra, out })), /is not a run/);
      await rm(path.join(out, "mine"));
      assert.is((await train(dataset, { ...options, ...extra, out })).record.status, "done");
      assert.not.ok((await readdir(out)).includes(".lock"));
    }
  }),
);

test.run();
