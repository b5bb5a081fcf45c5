import type { GivenOptions } from "../common/options/options.js";
import type { RecordBatch, Table as ArrowTable } from "apache-arrow";
import type { BatchStream } from "./batch-stream.js";
import type { batchOptions, float64Options, ShuffleMode } from "./options.js";
import type { SplitOptions } from "./split.js";
import type { Standardization } from "./statistics/standardize.js";
import type {
  ForeignDescription,
  Manifest,
  NumberType,
  SourceOptions,
  TableFormat,
  VerifyOptions,
  VerifyResult,
  TypedColumn,
} from "../storage/index.js";
import type { Statistics, StatisticsOptions } from "./statistics/types.js";

/** Some consecutive rows of an epoch. */
export interface Batch {
  /** rows × D features, row-major. */
  x: Float32Array;
  /** One target per row. */
  y: Float32Array;
  rows: number;
  /** The epoch that the rows belong to, counted from 0. */
  epoch: number;
  /** The batch's number within its epoch, counted from 0. */
  index: number;
}

/** The position of a loader, a few hundred bytes of JSON, from which `batches({ from })` continues. */
export interface LoaderState {
  formatVersion: 1;
  fingerprint: string;
  /** Hex SHA-256 of the names of the columns that are read, and of what is done with invalid values. */
  columns: string;
  seed: number;
  shuffle: ShuffleMode;
  /** Of `buffer`. */
  bufferShards?: number;
  batchSize: number;
  dropLast: boolean;
  /** The epoch and the number of the next batch. */
  epoch: number;
  index: number;
}

/** How batches are read. */
export interface BatchOptions extends GivenOptions<typeof batchOptions> {
  /** Continue where another loader of the same dataset stood; `epochs` still counts from `epoch`. */
  from?: LoaderState;
  signal?: AbortSignal;
  /** Values become (value − mean) / scale in float64, before they are rounded to float32. */
  standardize?: Standardization;
  /**
   * Check each shard's SHA-256 before its first row is used: the iteration ends with an error that
   * names a damaged one. It takes a second read of the shard, from the page cache, at the speed of SHA-256.
   * Default: as the dataset was opened, or false.
   */
  verify?: boolean;
  /**
   * Use the arrays of a batch again once the next batch is asked for. Faster, for consumers
   * that copy or upload a batch at once. Default false: a batch is the caller's to keep.
   */
  recycle?: boolean;
}

/** Minibatches in the order of the options; iterate it once. */
export interface BatchLoader extends BatchStream<Batch> {
  /** A loader that starts this many batches later. The batches between are not read. */
  skip(batches: number): BatchLoader;
  /** Batches in one epoch. */
  readonly batchesPerEpoch: number;
  /** The position after the last batch that the consumer got. */
  state(): LoaderState;
  /** Seconds for which the consumer has waited for data so far. */
  waitedSeconds(): number;
}

/** How a dataset is opened. */
export interface OpenOptions extends SourceOptions {
  /** Check each shard's SHA-256 before it is read. Default false; not for tables of other programs. */
  verify?: boolean;
}

/** How the dataset was opened; `openDataset(origin.source, origin)` opens it again. */
export interface DatasetOrigin extends Pick<SourceOptions, "target" | "features" | "invalid"> {
  /** Absolute. */
  source: string | readonly string[];
}

/** A table of features and a target on disk. */
export interface Dataset {
  /** The folder, absolute. */
  readonly path: string;
  readonly rows: number;
  /** D, the number of features. */
  readonly features: number;
  readonly featureNames: readonly string[];
  readonly targetName: string;
  /** How the source stores the numbers of each column: the features', then the target's. */
  readonly columnTypes: readonly NumberType[];
  readonly format: TableFormat;
  /** Hex SHA-256 of the manifest; of a table of another program, that of its files' names, sizes and footers. */
  readonly fingerprint: string;
  readonly origin: DatasetOrigin;
  /** Sentences that the data's user should know: rounded integers, dropped rows, columns left out. */
  readonly warnings: readonly string[];
  readonly manifest: Manifest | ForeignDescription;
  /** Reads the rows as batches, in the order that `shuffle` and `seed` give, while worker threads read ahead. */
  batches(options: BatchOptions): BatchLoader;
  /** The first rows in file order, at most as many as there are. */
  head(
    rows: number,
    options?: Pick<BatchOptions, "standardize">,
  ): Promise<{ x: Float32Array; y: Float32Array; rows: number }>;
  /**
   * All rows in file order, in float64: doubles of other programs' files keep their digits, which `batches`
   * rounds to float32.
   */
  float64Rows(options?: Float64Options): AsyncGenerator<Float64Rows, void, void>;
  /** All rows in file order, each column as the source has it, in its own type. */
  sourceColumns(
    options?: Omit<Float64Options, "standardize">,
  ): AsyncGenerator<SourceColumns, void, void>;
  /** All rows in file order as objects, by the names of the columns. Integers beyond 2⁵³ are rounded. */
  records(
    options?: Omit<Float64Options, "standardize">,
  ): AsyncGenerator<Record<string, number>, void, void>;
  /** All rows in file order as Arrow record batches, each column in its own type. */
  toArrow(options?: Omit<Float64Options, "standardize">): ArrowStream;
  /**
   * Batches for `model.fitDataset` and `model.evaluateDataset` of TensorFlow.js, in another order in each epoch, for a
   * model with one output.
   *
   * @param tf TensorFlow.js, or its `tensor2d`
   */
  tfData<Tensor>(tf: TensorFactory<Tensor>, options: TfDataOptions): TfData<Tensor>;
  /** One streamed pass over all rows. */
  statistics(options?: StatisticsOptions): Promise<Statistics>;
  /**
   * Divides the rows at random into disjoint parts, each a dataset of its own: `split([0.9, 0.1])`
   * for training and validation. Which part a row belongs to depends on the seed and the row's number
   * alone; a part's size is only about its fraction of the rows.
   */
  split(fractions: readonly number[], options?: SplitOptions): Promise<Dataset[]>;
  /**
   * Checks every file against its SHA-256. With `repair`, generates damaged and missing files again.
   */
  verify(options?: VerifyOptions): Promise<VerifyResult>;
}

/** Consecutive rows of a table in float64. */
export interface Float64Rows {
  /** rows × D features, row-major. */
  x: Float64Array;
  /** One target per row. */
  y: Float64Array;
  rows: number;
}

export interface Float64Options extends GivenOptions<typeof float64Options> {
  /** Values become (value − mean) / scale. Default: they stay as they are. */
  standardize?: Standardization;
  signal?: AbortSignal;
}

/** Rows as record batches of apache-arrow. Each use reads them anew. */
export interface ArrowStream extends AsyncIterable<RecordBatch> {
  /** All of them as a table, in memory. */
  table(): Promise<ArrowTable>;
  /** The bytes of the IPC stream format, for a file, a response or another process. */
  bytes(): AsyncGenerator<Uint8Array, void, void>;
}

/** What is used of TensorFlow.js. */
export interface TensorFactory<Tensor> {
  /** Makes a tensor of row-major values. */
  tensor2d(values: Float32Array, shape: [number, number]): Tensor;
}

/** How batches are read for TensorFlow.js; `epochs` are those that one iterator goes through. */
export type TfDataOptions = Omit<BatchOptions, "from" | "recycle">;

/** A source of batches, as `tf.data.Dataset` is one. */
export interface TfData<Tensor> {
  /** Batches of one iterator. */
  size: number;
  /** Starts a pass over the rows. */
  iterator(): Promise<{
    /** The next batch: `xs` of rows × D, `ys` of rows × 1. */
    next(): Promise<IteratorResult<{ xs: Tensor; ys: Tensor }, null>>;
  }>;
}

/** Consecutive rows of a table, column by column. */
export interface SourceColumns {
  /** One array per column: the features, then the target. */
  columns: TypedColumn[];
  /** The features as float64: rows × D, row-major. */
  x: Float64Array;
  rows: number;
}
