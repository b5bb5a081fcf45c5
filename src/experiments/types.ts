import type { OnProgress } from "../common/progress.js";
import type { Language, LanguageCode } from "../language/index.js";
import type { Step } from "./options.js";
import type { ReportSection } from "../report/index.js";
import type { Landscape, LandscapeOptions } from "../landscape/index.js";
import type { DatasetKind } from "../generate/index.js";
import type { GenerateSpec } from "../storage/index.js";
import type { Dataset } from "../stream/index.js";
import { type Run, type TrainOptions } from "../train/index.js";

/** The value of an option, as it stands on a command line or in a configuration. */
export type OptionValue = string | number | boolean;

/** What an experiment has found. */
export interface Outcome {
  /** The numbers, for results.json. */
  results: Record<string, unknown>;
  /** What the report shows. */
  sections: ReportSection[];
}

/** One named experiment, as the catalogue declares it. Its title is among the words of its lesson. */
export interface DeclaredExperiment {
  name: string;
  /** A sentence on what it does with options. */
  describe(options: Readonly<Record<string, OptionValue>>, language: Language): string;
  /** The steps whose options can be overridden. */
  steps: readonly Step[];
  /** Options of those steps that cannot be, since the experiment is about just one value. */
  fixed?: readonly string[];
  /** The notebook's numbers, by the options' names in camel case. */
  defaults: Readonly<Record<string, OptionValue>>;
  /** What `quick` changes. */
  quick?: Readonly<Record<string, OptionValue>>;
  /** Computes the experiment in its folder. */
  run(context: Context): Promise<Outcome>;
}

/** One named experiment of the notebook. */
export interface Experiment extends DeclaredExperiment {
  /** What it is about, whatever its options are; in English. */
  title: string;
}

/** Where an experiment is written, and what it changes. */
export interface ExperimentOptions {
  /** The experiment's folder. One that an earlier experiment left is used again; its dataset is kept where it is the same. */
  out: string;
  /** Fewer epochs; the report says so. */
  quick?: boolean;
  /** Options of the steps, by their names in camel case, instead of the experiment's own. */
  overrides?: Readonly<Record<string, OptionValue>>;
  /** The language of the report. Default English. */
  language?: LanguageCode;
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

/**
 * What an experiment's steps are made with: its folder, its options, and the library's own functions
 * with those options filled in.
 */
export interface Context {
  /** Aborted when the experiment is to stop; for passes over the data besides the steps'. */
  readonly signal: AbortSignal | undefined;
  /** Told how far a step is. */
  readonly onProgress: OnProgress | undefined;
  /** Tells a sentence on the step that starts. */
  note(sentence: string): void;
  readonly out: string;
  /** The language of the report. */
  readonly language: Language;
  /** Every option that differs from the steps' own defaults. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** A number among the options. */
  number(name: string): number;
  /**
   * Makes the dataset data/NAME, or opens the one that is there if it is the same. The experiment's options come before
   * `own`, and `fixed` before both.
   */
  data(
    kind: DatasetKind,
    name?: string,
    own?: Partial<GenerateSpec>,
    fixed?: Partial<GenerateSpec>,
  ): Promise<Dataset>;
  /** Trains runs/NAME; `own` comes before the experiment's options. */
  train(dataset: Dataset, name: string, own?: Partial<TrainOptions>): Promise<Run>;
  /** Computes landscapes/NAME of a run. */
  line(
    run: Run,
    dataset: Dataset,
    name: string,
    own?: Partial<LandscapeOptions>,
  ): Promise<Landscape>;
}
