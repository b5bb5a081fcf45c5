import { exportOptions } from "../../../train/options.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { required } from "../../../common/options/options.js";
import { facts, shownPath } from "../../terminal/output.js";

export const exportCommand: Command = defineCommand({
  name: "export",
  describe: "Write a run's weights as a safetensors file",
  positionals: { run: required(text, "Folder of the run") },
  options: exportOptions,
  examples: [
    {
      command: "vadi export runs/mlp --out mlp.safetensors",
      describe: "The weights, with the run's standardisation folded in",
    },
  ],
  async run({ run, out, force }, { note }) {
    const { exportWeights } = await import("../../../train/index.js");
    const { file, tensors, torch, warnings } = await exportWeights(run, out, { force });
    for (const warning of warnings) note(warning);
    const shown = shownPath(file);
    const loaded = `safetensors.torch.load_file(${JSON.stringify(shown)})`;
    return {
      json: { out: file, tensors, torch: torch ?? null, warnings },
      text: [
        `Exported ${run}: ${shown}`,
        ...facts(tensors.map(({ name, shape }) => [name, shape.join(" × ")])),
        "",
        "In Python:",
        "  import torch, safetensors.torch",
        ...(torch === undefined
          ? [`  weights = ${loaded}`]
          : [`  model = ${torch}`, `  model.load_state_dict(${loaded})`]),
      ],
    };
  },
});
