import { choice, count, text } from "../common/options/kinds.js";
import { flag, optional, required, withDefault } from "../common/options/options.js";

/** What a report can be written as. */
export const REPORT_FORMATS = ["html", "json", "csv", "parquet", "png", "svg"] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** The options of a report. */
export const reportOptions = {
  /**
   * The file to write, or for `csv`, `parquet`, `png` and `svg` the folder: one file a figure or table.
   * An earlier report is replaced; something else only with `force`.
   */
  out: required(text, "The file to write; of csv, parquet, png and svg the folder"),
  /** `png` and `svg` draw the figures in a browser, which must be installed. */
  format: withDefault(
    choice(REPORT_FORMATS),
    "html",
    "html, json, csv, parquet, or images by an installed browser: png, svg",
  ),
  title: optional(text, "Title of the report", "made from the sources"),
  /** Replace a file that is not a report of vadi. */
  force: flag("Replace a file that is not a report of vadi"),
};

/** The options of the page that follows a training. */
export const watchOptions = {
  /** The port on loopback. */
  port: withDefault(count(0, 65535), 0, "Port on this machine to listen on; 0: any that is free"),
};
