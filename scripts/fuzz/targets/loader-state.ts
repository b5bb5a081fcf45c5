import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openDataset, SHUFFLE_MODES, type Dataset } from "../../../src/stream/index.js";
import type { LoaderState, ShuffleMode } from "../../../src/stream/index.js";
import { writeDataset } from "../../../src/storage/index.js";
import type { Sample, Target } from "../target.js";

const BATCHES = { batchSize: 16, seed: 3, epochs: 4, workers: 1 };

/** The batch that a state stands before; the dataset is beside the states' folders. */
function sampleOf(shuffle: ShuffleMode): Sample {
  let opened: Dataset | undefined;
  const batchAt = async (from: LoaderState | undefined, skip = 0): Promise<string> => {
    const loader = opened!.batches({ ...BATCHES, shuffle, ...(from !== undefined && { from }) });
    for await (const { x, y, rows, epoch, index } of loader.skip(skip)) {
      const hash = createHash("sha256").update(x).update(y).digest("hex");
      return `batch ${index} of epoch ${epoch}, ${rows} rows: ${hash}`;
    }
    return "no batch";
  };
  const known = new Map<number, string>();
  return {
    files: ["state.json"],
    async read(folder) {
      opened ??= await openDataset(path.join(folder, "../data"));
      const state = JSON.parse(
        await readFile(path.join(folder, "state.json"), "utf8").then((text) =>
          isJson(text) ? text : "null",
        ),
      ) as LoaderState;
      const found = await batchAt(state);
      // Whatever the state, the batch is the one that a loader without it reaches.
      const skipped = state.epoch * Math.ceil(opened.rows / BATCHES.batchSize) + state.index;
      let expected = known.get(skipped);
      if (expected === undefined) {
        expected = await batchAt(undefined, skipped);
        known.set(skipped, expected);
      }
      if (found !== expected) throw new Error(`Another batch than without the state: ${found}`);
      return found;
    },
  };
}

/** A state that is not JSON cannot be given to a loader. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const target: Target = {
  async write(folder) {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", rows: 100, features: 2, shardRows: 30, workers: 1, out });
    const dataset = await openDataset(out);
    for (const shuffle of SHUFFLE_MODES) {
      const loader = dataset.batches({ ...BATCHES, shuffle });
      let batches = 0;
      for await (const _ of loader) if (++batches === 10) break;
      await mkdir(path.join(folder, shuffle));
      await writeFile(path.join(folder, shuffle, "state.json"), JSON.stringify(loader.state()));
    }
  },
  samples: Object.fromEntries(SHUFFLE_MODES.map((shuffle) => [shuffle, sampleOf(shuffle)])),
};
