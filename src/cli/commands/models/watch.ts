import { once } from "node:events";
import { interruption } from "../../../common/errors.js";
import { watchOptions } from "../../../report/options.js";
import { openInBrowser } from "../../terminal/browser.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { flag, required } from "../../../common/options/options.js";

export const watchCommand: Command = defineCommand({
  name: "watch",
  describe: "Follow a running training in the browser",
  positionals: { run: required(text, "Folder of the run") },
  options: {
    ...watchOptions,
    open: flag("Open the page in the browser"),
  },
  examples: [{ command: "vadi watch runs/mlp --open", describe: "Until Ctrl-C" }],
  async run(values, { signal, note, announce }) {
    const { watch } = await import("../../../report/index.js");
    const watching = await watch(values.run, { port: values.port });
    try {
      await announce({
        json: { url: watching.url },
        text: [`Watching ${values.run} at ${watching.url}`],
        next: "Ctrl-C ends it.",
      });
      if (values.open) await openInBrowser(watching.url, note);
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      await watching.close();
    }
    throw interruption("The page is closed; the training is not affected.");
  },
});
