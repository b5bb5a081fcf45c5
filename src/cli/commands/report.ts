import { defineCommand, type Command } from "../command.js";
import { shownPath } from "../output.js";
import { flag, optional, present, several, text, withDefault } from "../options.js";
import { openInBrowser } from "../browser.js";

export const reportCommand: Command = defineCommand({
  name: "report",
  describe: "Draw runs, landscapes and experiments into one HTML file",
  positionals: { source: several(text, "Folders of runs, landscapes or experiments") },
  options: {
    out: withDefault(text, "report.html", "The HTML file to write"),
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
  async run(values, { note }) {
    const { report } = await import("../../report/index.js");
    const out = await report(
      values.source,
      present({ out: values.out, title: values.title, force: values.force }),
    );
    if (values.open) await openInBrowser(out, note);
    return { json: { out: values.out }, text: [`Wrote the report ${shownPath(out)}`] };
  },
});
