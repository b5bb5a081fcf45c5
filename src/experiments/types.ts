import type { OnProgress } from "../common/progress.js";
import type { ReportSection } from "../report/index.js";
import type { Context } from "./context.js";

/** The value of an option, as it stands on a command line or in a configuration. */
export type OptionValue = string | number | boolean;

/** The kinds of step that an experiment can be made of; each brings its options. */
export type Step = "data" | "training" | "line";

/** What an experiment has found. */
export interface Outcome {
  /** The numbers, for results.json. */
  results: Record<string, unknown>;
  /** What the report shows. */
  sections: ReportSection[];
}

/** One named experiment of the notebook. */
export interface Experiment {
  name: string;
  /** What it is about, whatever its options are. */
  title: string;
  /** A sentence on what it does with options. */
  describe(options: Readonly<Record<string, OptionValue>>): string;
  /** The steps whose options can be overridden. */
  steps: readonly Step[];
  /** Options of those steps that cannot be, since the experiment is about just one value. */
  fixed?: readonly string[];
  /** The notebook's numbers, by the options' names in camel case. */
  defaults: Readonly<Record<string, OptionValue>>;
  /** What `quick` changes. */
  quick?: Readonly<Record<string, OptionValue>>;
  run(context: Context): Promise<Outcome>;
}

export interface ExperimentOptions {
  /** The experiment's folder. One that an earlier experiment left is used again; its dataset is kept where it is the same. */
  out: string;
  /** Fewer epochs; the report says so. */
  quick?: boolean;
  /** Options of the steps, by their names in camel case, instead of the experiment's own. */
  overrides?: Readonly<Record<string, OptionValue>>;
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Told a sentence now and then: which step starts, warnings about the data. */
  onNote?: (note: string) => void;
}

/** Where an experiment's results are. */
export interface ExperimentResult {
  /** The folder, absolute. */
  out: string;
  /** The report, absolute. */
  report: string;
  /** The content of results.json. */
  results: Record<string, unknown>;
}
