import { defineCommand, type Command } from "../../parse/command.js";
import { languageOptions } from "../../../language/options.js";
import { text } from "../../../common/options/kinds.js";
import { withDefault } from "../../../common/options/options.js";

export const demoCommand: Command = defineCommand({
  name: "demo",
  describe: "Run every step once, and write one report",
  positionals: {},
  options: { out: withDefault(text, "demo", "Folder to write the demo to"), ...languageOptions },
  examples: [{ command: "vadi demo", describe: "Less than a minute and a half on two cores" }],
  async run({ out = "demo", language }, { signal, onProgress, note }) {
    const { runDemo } = await import("../../../experiments/index.js");
    const { report, results } = await runDemo({
      out,
      language,
      signal,
      onProgress,
      onNote: note,
    });
    return {
      json: { ...results, report },
      text: [`Finished the demo: ${out}`],
      next: `Next: open the report in a browser
${report}`,
    };
  },
});
