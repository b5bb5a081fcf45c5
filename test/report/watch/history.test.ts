import { appendFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { followHistory } from "../../../src/report/watch/history.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

function line(step: number): string {
  const row = { step, epoch: 0, rows: step, loss: 1 / step, learningRate: 1, seconds: step };
  return `${JSON.stringify(row)}\n`;
}

test(
  "a growing history is followed line by line, cut back, and kept in bounds",
  inFolder(async (folder) => {
    const file = path.join(folder, "history.jsonl");
    const reader = followHistory(file);
    assert.equal(await reader.read(), { replaces: false, rows: [] }, "it need not be there yet");
    await writeFile(file, line(1) + line(2).slice(0, 20));
    assert.is((await reader.read()).rows.length, 1, "half a line is not a line");
    await appendFile(file, line(2).slice(20));
    assert.equal(
      (await reader.read()).rows.map(({ step }) => step),
      [2],
    );
    await writeFile(file, line(1));
    const again = await reader.read();
    assert.ok(again.replaces);
    assert.is(again.rows.length, 1);
    const lines = Array.from({ length: 50_000 }, (_, index) => line(index + 2));
    await appendFile(file, lines.join(""));
    await reader.read();
    assert.ok(reader.rows.length <= 4000 && reader.rows.length >= 1900);
    const steps = reader.rows.map(({ step }) => step);
    const gaps = new Set(steps.slice(1).map((step, index) => step - (steps[index] ?? 0)));
    assert.is(gaps.size, 1, "evenly spaced");
  }),
);

test.run();
