import { formatPercent } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
import { messageOf } from "../../common/errors.js";
import {
  hasStandardizedTarget,
  lossName,
  lossUnits,
  type FactTable,
  type LineFigure,
  type ReportSection,
} from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import {
  chooseBackend,
  currentBackend,
  listBackends,
  type BackendStatus,
} from "../../backend/index.js";
import type { HistoryRow, Run } from "../../train/index.js";
import { datasetSection } from "../sections.js";
import { HEALTHY_SEED } from "./sigmoid-data.js";
import type { Context, Experiment } from "../types.js";

/** Row 18 of the notebook: the same training on every backend that is available. */

const TASKS = ["linear", "mlp"] as const;
type Task = (typeof TASKS)[number];

const TITLES: Readonly<Record<Task, string>> = {
  linear: "The linear model on the large linear data",
  mlp: "The MLP on the two-layer-sigmoid data",
};

export const deviceExperiment: Experiment = {
  name: "device",
  title: "The same training on every backend",
  describe: ({ epochs }) =>
    `${countedExactly(Number(epochs), "epoch")} of the linear model and of the MLP, on each backend that is available.`,
  steps: ["data", "training"],
  fixed: ["model", "backend", "shuffle"],
  defaults: { features: 10, noise: 0.1, batchSize: 10_000, learningRate: 0.001, epochs: 20 },
  quick: { epochs: 2 },
  async run(context) {
    const data = {
      linear: await context.data("lsm", "lsm", { rows: 1_000_000 }),
      mlp: await context.data("two-layer-sigmoid", "two-layer-sigmoid", {
        rows: 100_000,
        seed: HEALTHY_SEED,
      }),
    };
    const { trained, notRun } = await trainOnAll(context, data);
    const automatic = await chooseBackend("auto");
    const { reason } = currentBackend()!;
    const gpus = trained.filter(({ isGpu }) => isGpu).map(({ name }) => name);
    const text = `${gpuText(gpus)} --backend auto takes ${automatic}: ${reason}.`;
    return {
      results: {
        backends: trained.map(({ name, device, version, isGpu, tasks }) => {
          return { name, device, version, isGpu, ...tasks };
        }),
        lossUnits: lossUnits(trained.some(({ standardized }) => standardized)),
        notRun,
        gpu: gpus.length > 0,
        automatic: { name: automatic, reason },
        largestLossDifference: { linear: spread("linear", trained), mlp: spread("mlp", trained) },
      },
      sections: [
        ...TASKS.map((task) => taskSection(context, task, trained, text)),
        notRunSection(notRun),
        ...datasetSection(context, data.linear, "lsm", "The data"),
        ...datasetSection(context, data.mlp, "sigmoid", "The data"),
      ],
    };
  },
};

/** The result of one training on one backend. */
interface Measurement {
  loss: number | null;
  seconds: number;
  rowsPerSecond: number;
  /** Fraction of the time spent waiting for data. */
  waitedForData: number;
}

/** The trainings on one backend. */
interface Trained {
  name: BackendStatus["name"];
  device: string;
  version: string;
  isGpu: boolean;
  /** Whether the losses are those of standardised targets. */
  standardized: boolean;
  tasks: Record<Task, Measurement>;
  histories: Record<Task, HistoryRow[]>;
}

function measured(run: Run): Measurement {
  const { loss, seconds, rowsPerSecond, waitedForData } = run.record.result!;
  return { loss, seconds, rowsPerSecond, waitedForData };
}

/** A backend that was not trained on. */
interface NotRun {
  name: BackendStatus["name"];
  reason: string | null;
  install: string | null;
}

/** Trains on every backend that starts in this process. */
async function trainOnAll(
  context: Context,
  data: Readonly<Record<Task, Dataset>>,
): Promise<{ trained: Trained[]; notRun: NotRun[] }> {
  const listed = await listBackends(context.signal);
  const trained: Trained[] = [];
  const notRun: NotRun[] = listed
    .filter(({ available }) => !available)
    .map(({ name, reason, install }) => ({ name, reason, install }));
  for (const { name } of listed.filter(({ available }) => available)) {
    try {
      await chooseBackend(name);
    } catch (error) {
      // A backend that starts in a process of its own may not start beside those loaded here.
      notRun.push({ name, reason: messageOf(error), install: null });
      continue;
    }
    trained.push(await trainOn(context, name, data));
  }
  return { trained, notRun };
}

async function trainOn(
  context: Context,
  name: BackendStatus["name"],
  data: Readonly<Record<Task, Dataset>>,
): Promise<Trained> {
  await chooseBackend(name);
  const { device, version, isGpu } = currentBackend()!;
  const linear = await context.train(data.linear, `linear-${name}`, {
    model: "linear",
    shuffle: "window",
    backend: name,
  });
  const mlp = await context.train(data.mlp, `mlp-${name}`, {
    model: "mlp",
    shuffle: "global",
    backend: name,
  });
  return {
    name,
    device,
    version,
    isGpu,
    standardized: hasStandardizedTarget(linear.record),
    tasks: { linear: measured(linear), mlp: measured(mlp) },
    histories: { linear: await linear.history(), mlp: await mlp.history() },
  };
}

function gpuText(gpus: readonly string[]): string {
  return gpus.length > 0
    ? `On a GPU: ${gpus.join(", ")}.`
    : "There was no GPU: nothing here says how fast one would be.";
}

function taskSection(
  context: Context,
  task: Task,
  trained: readonly Trained[],
  text: string,
): ReportSection {
  return {
    id: task,
    title: TITLES[task],
    part: "The backends",
    text,
    blocks: [comparison(context, task, trained), lossFigure(context, task, trained)],
  };
}

function notRunSection(notRun: readonly NotRun[]): ReportSection {
  return {
    id: "not-run",
    title: "What was not run",
    part: "The backends",
    blocks: [
      {
        kind: "table",
        id: "not-run-backends",
        title: "Backends that did not start",
        columns: ["backend", "why", "command"],
        rows: notRun.map(({ name, reason, install }) => [name, reason ?? "", install ?? ""]),
      },
    ],
  };
}

function comparison(context: Context, task: Task, all: readonly Trained[]): FactTable {
  return {
    kind: "table",
    id: `${task}-backends`,
    title: "Loss and time on each backend",
    caption:
      "All take the same steps from the same weights; the losses differ by float32 rounding and its effects. The seconds are those of the complete training, with the start of threads, kernels and the loader.",
    columns: [
      "backend",
      "device",
      `final loss (${lossName(
        context.language.texts,
        all.some((one) => one.standardized),
      )})`,
      "seconds",
      "rows/s",
      "waited for data",
    ],
    rows: all.map(({ name, device, tasks }) => {
      const { loss, seconds, rowsPerSecond, waitedForData } = tasks[task];
      return [
        name,
        device,
        loss ?? "none",
        Number(seconds.toPrecision(3)),
        Math.round(rowsPerSecond),
        formatPercent(waitedForData),
      ];
    }),
  };
}

function lossFigure(context: Context, task: Task, all: readonly Trained[]): LineFigure {
  return {
    kind: "lines",
    id: `${task}-loss-by-seconds`,
    title: "Loss against time",
    caption:
      "Look for which backend finishes first: all take the same steps, so the curves are the same up to rounding and differ in speed. The time is counted from the first step.",
    x: { title: "time since the first logged step (s)", symbol: "time" },
    y: {
      title: `loss (${lossName(
        context.language.texts,
        all.some((one) => one.standardized),
      )}, of the step’s batch)`,
      symbol: "loss",
      scale: "log",
    },
    series: all.map(({ name, histories }) => ({
      name,
      x: histories[task].map(({ seconds }) => seconds - histories[task][0]!.seconds),
      y: histories[task].map(({ loss }) => loss),
    })),
  };
}

/** The largest relative difference between two backends' final losses. */
function spread(task: Task, all: readonly Trained[]): number {
  const losses = all.map(({ tasks }) => tasks[task].loss ?? NaN);
  const least = Math.min(...losses);
  return (Math.max(...losses) - least) / least;
}
