import { defineCommand, type Command } from "../../parse/command.js";
import { shownPath } from "../../terminal/output.js";
import {
  choice,
  flag,
  optional,
  present,
  several,
  text,
  withDefault,
} from "../../parse/options.js";
import { openInBrowser } from "../../terminal/browser.js";

export const reportCommand: Command = defineCommand({
  name: "report",
  describe: "Draw runs, landscapes and experiments into one HTML file",
  positionals: {
    source: several(text, "Folders of runs, landscapes or experiments, or a folder of these"),
  },
  options: {
    out: withDefault(
      text,
      "report.html",
      "The file to write; of csv, parquet, png and svg the folder, report-FORMAT",
    ),
    format: withDefault(
      choice(["html", "json", "csv", "parquet", "png", "svg"]),
      "html",
      "html, json, csv, parquet, or images by an installed browser: png, svg",
    ),
    title: optional(text, "Title of the report", "made from the sources"),
    open: flag("Open the report in the browser"),
    force: flag("Replace a file that is not a report of vadi"),
  },
  examples: [
    { command: "vadi report runs/linear --open", describe: "A run and its landscapes" },
    {
      command: "vadi report runs/linear runs/mlp --out both.html",
      describe: "Two runs beside each other",
    },
  ],
  async run(values, { given, note }) {
    const { defaultReportPlace, report } = await import("../../../report/index.js");
    const { format, title, force } = values;
    const place = given.has("out") ? values.out : defaultReportPlace(format);
    const out = await report(values.source, present({ out: place, format, title, force }));
    if (values.open) await openInBrowser(out, note);
    return { json: { out: place }, text: [`Wrote the report ${shownPath(out)}`] };
  },
});
