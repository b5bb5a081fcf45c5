import { choice } from "../../../common/options/kinds.js";
import { required } from "../../../common/options/options.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { completionScript, SHELLS } from "../../parse/completion.js";

export const completionCommand: Command = defineCommand({
  name: "completion",
  describe: "Print a script that completes command lines in a shell",
  positionals: { shell: required(choice(SHELLS), "bash, zsh or fish") },
  options: {},
  examples: [
    { command: "vadi completion bash", describe: "For bash: append it to ~/.bashrc" },
    {
      command: "vadi completion zsh",
      describe: "For zsh: put it into the file _vadi of a folder in $fpath",
    },
    {
      command: "vadi completion fish",
      describe: "For fish: put it into ~/.config/fish/completions/vadi.fish",
    },
  ],
  async run({ shell }, { commands }) {
    const { listExperiments } = await import("../../../experiments/index.js");
    const experiments = (await listExperiments()).map(({ name }) => name);
    const script = completionScript(shell, await commands(), experiments);
    return { json: { script }, text: [script.trimEnd()], isFile: true };
  },
});
