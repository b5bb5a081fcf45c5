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
import type { Context, DeclaredExperiment } from "../types.js";

/** Row 18 of the notebook: the same training on every backend that is available. */

const TASKS = ["linear", "mlp"] as const;
type Task = (typeof TASKS)[number];

export const deviceExperiment: DeclaredExperiment = {
  name: "device",
  describe: ({ epochs }, { texts }) => texts.experiments.device(Number(epochs)),
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
    const { texts } = context.language;
    const text = `${gpus.length > 0 ? texts.experiments.onGpu(gpus) : texts.experiments.noGpu} ${texts.experiments.automatic(automatic, reason)}`;
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
        notRunSection(context, notRun),
        ...datasetSection(context, data.linear, "lsm", texts.experiments.theData),
        ...datasetSection(context, data.mlp, "sigmoid", texts.experiments.theData),
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

function modelName({ language }: Context, task: Task): string {
  const { texts } = language;
  return { linear: texts.experiments.linearModel, mlp: texts.experiments.mlpModel }[task];
}

/** Which backend trained fastest. */
function claimOf(context: Context, task: Task, trained: readonly Trained[]): string {
  const { texts, rounded } = context.language;
  const rate = ({ tasks }: Trained): number => tasks[task].rowsPerSecond;
  const [fastest] = trained.toSorted((one, other) => rate(other) - rate(one));
  const model = modelName(context, task);
  return fastest === undefined
    ? model
    : texts.experiments.fastest(model, fastest.name, rounded(rate(fastest)));
}

function taskSection(
  context: Context,
  task: Task,
  trained: readonly Trained[],
  text: string,
): ReportSection {
  return {
    id: task,
    title: claimOf(context, task, trained),
    name: modelName(context, task),
    part: context.language.texts.experiments.theBackends,
    text,
    blocks: [comparison(context, task, trained), lossFigure(context, task, trained)],
  };
}

function notRunSection({ language }: Context, notRun: readonly NotRun[]): ReportSection {
  const { texts } = language;
  return {
    id: "not-run",
    title: texts.experiments.notRun,
    part: texts.experiments.theBackends,
    blocks: [
      {
        kind: "table",
        id: "not-run-backends",
        title: texts.experiments.notStarted,
        columns: [texts.experiments.backend, texts.experiments.why, texts.experiments.command],
        rows: notRun.map(({ name, reason, install }) => [name, reason ?? "", install ?? ""]),
      },
    ],
  };
}

function comparison(context: Context, task: Task, all: readonly Trained[]): FactTable {
  const { texts } = context.language;
  return {
    kind: "table",
    id: `${task}-backends`,
    title: texts.experiments.backendsTable,
    caption: texts.experiments.backendsCaption,
    columns: [
      texts.experiments.backend,
      texts.experiments.deviceColumn,
      context.language.texts.training.finalLoss(
        lossName(
          context.language.texts,
          all.some((one) => one.standardized),
        ),
      ),
      texts.experiments.seconds,
      texts.experiments.rowsPerSecond,
      texts.experiments.waited,
    ],
    rows: all.map(({ name, device, tasks }) => {
      const { loss, seconds, rowsPerSecond, waitedForData } = tasks[task];
      return [
        name,
        device,
        loss ?? "none",
        Number(seconds.toPrecision(3)),
        Math.round(rowsPerSecond),
        context.language.percent(waitedForData),
      ];
    }),
  };
}

function lossFigure(context: Context, task: Task, all: readonly Trained[]): LineFigure {
  const { texts } = context.language;
  return {
    kind: "lines",
    id: `${task}-loss-by-seconds`,
    title: texts.experiments.lossByTime,
    caption: texts.experiments.lossByTimeCaption,
    x: {
      title: context.language.texts.training.timeAxis,
      symbol: context.language.texts.training.time,
    },
    y: {
      title: context.language.texts.training.lossOfBatch(
        lossName(
          context.language.texts,
          all.some((one) => one.standardized),
        ),
      ),
      symbol: context.language.texts.training.loss,
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
