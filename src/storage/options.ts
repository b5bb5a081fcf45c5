import { z } from "zod/mini";
import {
  choice,
  count,
  names,
  number,
  settings,
  size,
  text,
  type Kind,
} from "../common/options/kinds.js";
import { flag, optional, required, withDefault } from "../common/options/options.js";
import { rowOptions } from "../generate/options.js";
import { COMPRESSIONS } from "./format/compression.js";
import { SHARD_FORMATS } from "./format/shard-format.js";

/*
 * The options of datasets and tables.
 */

/** The most rows of a dataset. */
const MOST_ROWS = 2 ** 40;

/** How the files of a dataset are written. */
const formatOptions = {
  format: withDefault(choice(SHARD_FORMATS), "arrow", "File format: arrow or parquet"),
  /** Of Parquet pages; Arrow shards are not compressed. */
  compression: withDefault(
    choice(COMPRESSIONS),
    "none",
    "Compression of Parquet: none, snappy or zstd",
  ),
};

/** How a dataset is made with threads. */
const workersOption = optional(count(1, 256), "Worker threads", "one per core", {
  changes: "speed",
  printed: "given",
});

/** The dataset's folder. */
const out = required(text, "Folder to write the dataset to");

/** What may be done with the folder's contents. */
const contentsOptions = {
  /** Continue an interrupted job of the same options. */
  resume: flag("Continue a job that was interrupted"),
  /** Replace an existing dataset once the new one is complete. */
  force: flag("Replace an existing dataset"),
};

/** What is generated. */
export const datasetOptions = {
  rows: withDefault(count(1, MOST_ROWS), 1_000_000, "Rows, such as 100M, 1e8 or 100_000_000"),
  ...rowOptions,
  ...formatOptions,
  /** Rows a shard. */
  shardRows: optional(
    count(1, MOST_ROWS),
    "Rows per file",
    "1M, fewer where a file would pass 256 MiB",
  ),
  workers: workersOption,
};

/** The options of a generated dataset. */
export const generateOptions = { out, ...datasetOptions, ...contentsOptions };

/** Where shards from object storage are kept. */
export const cacheOptions = {
  cache: optional(
    text,
    "s3://, https://: folder in which files are cached",
    "vadi in the system's folder for caches",
    { changes: "speed", printed: "given" },
  ),
  cacheSize: withDefault(size, 20 * 2 ** 30, "s3://, https://: largest size of that folder", {
    changes: "speed",
    printed: "given",
  }),
};

/** How a table of another program is read. */
export const tableOptions = {
  /** The target's column. */
  target: optional(text, "Table: the target's column", "y"),
  /** The features' columns, in this order. */
  features: optional(names, "Table: the features' columns, a,b,c", "all other numeric ones"),
  /**
   * What is done with null, NaN, ±Infinity, numbers too large for float32, and text where a number
   * should be: `error` throws once it is read, naming file, column and row; `drop` leaves out such
   * rows, which takes one pass over the table when it is opened.
   */
  invalid: withDefault(
    choice(["error", "drop"]),
    "error",
    "Table: what to do with rows that have invalid values (null, NaN, infinite …): error or drop",
  ),
  ...cacheOptions,
};

/** What the columns of a table become. */
export const preparationOptions = {
  /** SQL over the view `source`; its rows become the dataset. */
  query: optional(text, "Table: SQL over the view source, whose rows become the dataset"),
  /** Columns of which each frequent value becomes a column of 0 and 1. */
  categorical: optional(names, "Table: columns whose values become columns of 0 and 1, a,b,c"),
  categories: withDefault(
    count(1, 1000),
    20,
    "Table: how many of a column's values, most frequent first; the others are NAME_other",
  ),
  /** What a missing number becomes; where some were missing, NAME_missing is a column of 0 and 1. */
  impute: optional(
    choice(["mean", "median", "zero"]),
    "Table: fill in missing values with the column's mean, its median or zero",
  ),
  /** Columns that become year, month, day of week, hour, and seconds since the first. */
  dates: optional(names, "Table: columns of dates, which become year, month, hour and so on"),
  /** Columns that become log(1 + value). */
  log: optional(names, "Table: columns that become log(1 + value)"),
  /** Values below this quantile of a feature become it, and values above 1 minus it likewise. */
  clip: optional(
    number({ above: 0, below: 0.5 }),
    "Table: clip features at the quantiles Q and 1 − Q, such as 0.001",
  ),
  /** Options of DuckDB's CSV reader, besides those that are found. */
  csvOption: optional(
    settings,
    "CSV: an option of DuckDB's reader, NAME=VALUE; several separated by spaces",
    "found in the file",
  ),
};

/** How a table is read, and what its columns become. */
export const planOptions = { ...tableOptions, ...preparationOptions };

/** How a table that is only described is read. */
export const describeOptions = {
  categories: preparationOptions.categories,
  csvOption: preparationOptions.csvOption,
};

/** The options of `vadi convert`. */
export const convertOptions = {
  out,
  ...planOptions,
  ...formatOptions,
  /** Rows a shard. */
  shardRows: optional(count(1, MOST_ROWS), "Rows per file", "as in a source dataset, else 1M"),
  workers: workersOption,
  ...contentsOptions,
};

/** The options of a dataset that is made of a program's rows. */
export const rowsOptions = {
  out,
  ...tableOptions,
  ...formatOptions,
  shardRows: datasetOptions.shardRows,
  ...contentsOptions,
};

/** The options of a part of a dataset, one machine's of many; besides those of the dataset. */
export const partOptions = {
  /** The shards to make, counted from 0: a range or a list such as `0-99` or `0-3,7`. */
  shards: optional(text, "Generate only these files, 0-99 or 0-3,7, for vadi join", "all"),
  /**
   * Two-layer-sigmoid: the two maxima over all rows of the whole dataset, exactly as `findMaximum`
   * found them, or the folder of another part or dataset that has written them down. Default: they are
   * found, by two passes over all rows.
   */
  maxima: optional(
    maximaOrFolder(),
    "With --shards: the folder of another part, or A,B from vadi maxima",
    "found in all rows",
  ),
};

/** The options of a join of parts. */
export const joinOptions = {
  check: withDefault(
    choice(["hash", "size"]),
    "hash",
    "hash: read all files again; size: trust the hashes made as they were written",
  ),
};

/** The two maxima of two-layer-sigmoid data: A,B, or the folder where they are written down. */
function maximaOrFolder(): Kind<readonly [number, number] | string> {
  const maximum = number();
  return {
    get schema() {
      return z.union([z.readonly(z.tuple([z.number(), z.number()])), text.schema]);
    },
    expected:
      "two numbers A,B as 'vadi maxima' prints them, or the folder of a part or dataset that has them",
    parse(given, option) {
      const isNumeric = given.includes(",") || Number.isFinite(Number(given));
      if (!isNumeric || /[/\\]/.test(given)) return given;
      const parts = given.split(",");
      // One number is no folder.
      return parts.length === 2 ? parts.map((part) => maximum.parse(part, option)) : parts;
    },
    print: (value) => (typeof value === "string" ? value : value.join(",")),
  };
}

/** The options of a search for the maxima of two-layer-sigmoid data. */
export const maximaOptions = {
  rows: datasetOptions.rows,
  features: datasetOptions.features,
  noise: datasetOptions.noise,
  seed: datasetOptions.seed,
  shardRows: datasetOptions.shardRows,
  workers: datasetOptions.workers,
  /** The shards to search: `0-99`, `0-3,7`. Default: all, and both maxima are found. */
  shards: optional(text, "Search only these shards, 0-99 or 0-3,7", "all, for both maxima"),
  /** The first maximum over all rows; then the second is searched for. */
  firstMaximum: optional(
    number(),
    "With --shards: the first maximum over all rows, to find the second",
  ),
};
