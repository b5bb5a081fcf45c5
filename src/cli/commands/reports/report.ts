import { defineCommand, type Command } from "../../parse/command.js";
import { shownPath } from "../../terminal/output.js";
import { text } from "../../../common/options/kinds.js";
import { flag, optional, pickOptions, several } from "../../../common/options/options.js";
import { reportOptions } from "../../../report/options.js";
import { openInBrowser } from "../../terminal/browser.js";

export const reportCommand: Command = defineCommand({
  name: "report",
  describe: "Draw runs, landscapes, curvatures and experiments into one HTML file",
  positionals: {
    source: several("Folders of runs, landscapes or experiments, or a folder of these"),
  },
  options: {
    ...reportOptions,
    out: optional(text, reportOptions.out.help, "report.html or report-FORMAT"),
    open: flag("Open the report in the browser"),
  },
  examples: [
    { command: "vadi report runs/linear --open", describe: "A run and its landscapes" },
    {
      command: "vadi report runs/linear runs/mlp --out both.html",
      describe: "Two runs beside each other",
    },
  ],
  async run(values, { note }) {
    const { defaultReportPath, report } = await import("../../../report/index.js");
    const place = values.out ?? defaultReportPath(values.format ?? reportOptions.format.default);
    const out = await report(values.source, { ...pickOptions(reportOptions, values), out: place });
    if (values.open) await openInBrowser(out, note);
    return { json: { out: place }, text: [`Wrote the report ${shownPath(out)}`] };
  },
});
