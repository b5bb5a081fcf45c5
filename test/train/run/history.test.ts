import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, skip, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import { openJournal } from "../../../src/train/run/history.js";
import { openRun, train } from "../../../src/train/index.js";
import { writeFileAtomic } from "../../../src/files/atomic.js";
import { readJson } from "../../../src/files/read-json.js";
import { writeTable } from "../../../src/storage/index.js";
import { z } from "zod/mini";
import { inFolder } from "../../helpers/folder.js";
import { linearData, memoryDataset } from "../../helpers/memory-dataset.js";
import { messageOf } from "../../helpers/message-of.js";

const { x, y } = linearData(1000, [0.7, -1.3, 2.1, 0.4], 0.1);
const dataset = memoryDataset(x, y);

test(
  "a run that has ended has its history without its journal, from the table",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    const run = await train(dataset, { out, model: "linear", batchSize: 100, epochs: 3 });
    const whole = await run.history();
    assert.is(whole.length, 30);
    await rm(path.join(out, "history.jsonl"));
    assert.equal(await (await openRun(out)).history(), whole);

    await writeTable(path.join(out, "history.parquet"), [{ name: "step", type: "INT64" }], {
      step: [1, 2],
    });
    assert.match(await messageOf(run.history()), /history\.parquet.*(epoch|not a row)/);
    await writeFile(path.join(out, "history.parquet"), "PAR1");
    assert.match(await messageOf(run.history()), "Could not read the history");
    await rm(path.join(out, "history.parquet"));
    assert.match(await messageOf(run.history()), "history.jsonl");
  }),
);

test(
  "a run that goes on has no table to be read for its journal",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    await train(dataset, { out, model: "linear", batchSize: 100, epochs: 1 });
    const file = path.join(out, "run.json");
    const record = await readJson(file, z.looseObject({}), "a run's record");
    await writeFileAtomic(file, JSON.stringify({ ...record, status: "running", result: null }));
    await rm(path.join(out, "history.jsonl"));
    assert.match(await messageOf((await openRun(out)).history()), "history.jsonl");
  }),
);

test("a journal that cannot be written is an error that names it and what to do", () => {
  if (!existsSync("/dev/full")) skip("there is no /dev/full");
  assert.throws(
    () => openJournal("/dev/full"),
    (error: unknown) =>
      error instanceof VadiError &&
      /^Could not write the history \/dev\/full: .*continue with resume\.$/.test(error.message),
  );
});

test.run();
