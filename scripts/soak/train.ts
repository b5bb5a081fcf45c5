import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { memory } from "@tensorflow/tfjs-core";
import { formatCount } from "../../src/common/text/numbers.js";
import { parseCount } from "../../src/common/text/parse.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { failure } from "../../src/common/errors.js";
import { generate } from "../../src/index.js";
import { train } from "../../src/train/index.js";

/*
 * Trains for very many steps from files, and looks at the process all the while: the tensors must be
 * as many in the end as in the beginning, and the memory must not grow.
 */

const ROWS = 100_000;
const BATCH_ROWS = 1000;
/** What the memory may differ by for reasons that do not grow: the collector takes its time. */
const SLACK = 32 * 2 ** 20;

const WAYS = {
  fused: "explicit",
  autodiff: "autodiff",
} as const;

interface Look {
  step: number;
  rss: number;
  tensors: number;
}

/** The least memory of the looks of an eighth of the run, counted from 0. */
function leastOf(looks: readonly Look[], steps: number, eighth: number): number {
  const from = (steps * eighth) / 8;
  const own = looks.filter(({ step }) => step >= from && step < from + steps / 8);
  return Math.min(...own.map(({ rss }) => rss));
}

function size(bytes: number): string {
  return Number.isFinite(bytes) ? formatBytes(bytes) : "–";
}

function isWay(name: string): name is keyof typeof WAYS {
  return Object.hasOwn(WAYS, name);
}

/**
 * Soaks training.
 *
 * @param words `--steps 100k --model mlp --way fused|autodiff`
 * @throws a failure where tensors are left or the memory grows
 */
export async function soakTrain(words: string[]): Promise<void> {
  const { values } = parseArgs({
    args: words,
    options: {
      steps: { type: "string", default: "100k" },
      model: { type: "string", default: "mlp" },
      way: { type: "string", default: "fused" },
    },
  });
  const { model, way } = values;
  if (!isWay(way)) throw new TypeError(`--way must be fused or autodiff, not ${way}.`);
  const perEpoch = ROWS / BATCH_ROWS;
  const epochs = Math.max(1, Math.ceil(parseCount(values.steps, "--steps") / perEpoch));
  const steps = epochs * perEpoch;
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-soak-"));
  try {
    const spec = { kind: "lsm", rows: ROWS, features: 10, noise: 0.1, seed: 42 } as const;
    const dataset = await generate({ ...spec, out: path.join(folder, "data") });
    const options = { model, batchSize: BATCH_ROWS, gradients: WAYS[way] };
    // Everything that stays is there once one epoch has passed.
    await train(dataset, { ...options, out: path.join(folder, "first"), epochs: 1 });
    const before = memory().numTensors;
    const looks: Look[] = [];
    const run = await train(dataset, {
      ...options,
      out: path.join(folder, "run"),
      epochs,
      onProgress({ phase, done }) {
        if (phase !== "training") return;
        const { rss } = process.memoryUsage();
        looks.push({ step: done, rss, tensors: memory().numTensors });
      },
    });
    const after = memory().numTensors;
    const [early, late] = [leastOf(looks, steps, 1), leastOf(looks, steps, 7)];
    const most = Math.max(...looks.map(({ tensors }) => tensors));
    process.stdout.write(
      [
        `${model}, ${way}, backend ${run.record.backend}, ${run.record.threads} threads: ${formatCount(steps)} steps of ${formatCount(BATCH_ROWS)} rows in ${run.record.result?.seconds.toFixed(1)} s`,
        `tensors: ${before} before, at most ${Math.max(before, most)} between steps, ${after} after`,
        `memory: ${size(early)} in the second eighth of the steps, ${size(late)} in the last, ${size(Math.max(...looks.map(({ rss }) => rss)))} at the most`,
        "",
      ].join("\n"),
    );
    if (after !== before) throw failure(`Training leaves ${after - before} tensors.`);
    // A run too short to look at says nothing of growth.
    const growth = late - early;
    if (Number.isFinite(growth) && growth > SLACK) {
      throw failure(`Training's memory grows: by ${formatBytes(growth)}.`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
