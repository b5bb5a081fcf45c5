import { z } from "zod/mini";
import { choice, count, text, type Kind } from "../common/options/kinds.js";
import { languageKind } from "../language/options.js";
import { flag, optional, required, withDefault } from "../common/options/options.js";

/** What a report can be written as. */
export const REPORT_FORMATS = ["html", "json", "csv", "parquet", "png", "svg"] as const;

/** What a report is written as: a page, its data, or a figure. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** The largest image, in pixels each way. */
const LARGEST_IMAGE = 10_000;

/** The size of images, `1100x600`. */
const imageSize: Kind<readonly [number, number]> = {
  schema: z.readonly(z.tuple([count(100, LARGEST_IMAGE).schema, count(100, LARGEST_IMAGE).schema])),
  expected: `a width and a height from 100 to ${LARGEST_IMAGE} pixels, such as 1100x600`,
  parse: (given) => (/^\d+x\d+$/.test(given) ? given.split("x").map(Number) : given),
  print: (value) => value.join("x"),
};

/** The options of a report. */
export const reportOptions = {
  /**
   * The file to write, or for `csv`, `parquet`, `png` and `svg` the folder: one file per figure or table.
   * An earlier report is replaced; something else only with `force`.
   */
  out: required(text, "File to write; a folder for csv, parquet, png and svg"),
  /** `png` and `svg` draw the figures in a browser, which must be installed. */
  format: withDefault(
    choice(REPORT_FORMATS),
    "html",
    "html, json, csv, parquet, or images drawn by an installed browser: png, svg",
  ),
  title: optional(text, "Title of the report", "made from the sources"),
  /** Of the other formats but `html` and `json`: writes one figure (or table) alone, by its id in the report. */
  figure: optional(text, "Images and data: only the figure of this name", "all"),
  /** Width and height of images in pixels; a PNG has twice as many. */
  size: optional(imageSize, "Width and height of images in pixels", "as in the report, 1100 wide"),
  /** The colours of images. */
  theme: withDefault(choice(["light", "dark"]), "light", "Colours of images"),
  /** Experiments have the language that they were made in: another one is refused. */
  language: optional(
    languageKind,
    "Language of texts and numbers: en or tr (Turkish)",
    "that of an experiment, else en",
  ),
  /** Replace a file that is not a report of vadi. */
  force: flag("Replace a file that is not a report of vadi"),
};

/** The options of the page that follows a training. */
export const watchOptions = {
  /** The port on loopback. */
  port: withDefault(count(0, 65535), 0, "Port on this machine to listen on; 0: any that is free"),
};
