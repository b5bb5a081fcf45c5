import { usageError } from "../../../common/errors.js";
import type { BackendStatus } from "../../../backend/index.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { choice, text } from "../../../common/options/kinds.js";
import { optional } from "../../../common/options/options.js";

function describe({ name, available, version, device, reason, install }: BackendStatus): string[] {
  if (available) return [`  ${name.padEnd(14)} ${device ?? ""}; ${version ?? ""}`];
  const how = install === null ? "" : ` Install: ${install}`;
  return [`  ${name.padEnd(14)} not available. ${reason ?? ""}${how}`];
}

export const backendCommand: Command = defineCommand({
  name: "backend",
  describe: "List the backends that training can use, install or remove them",
  positionals: {
    action: optional(choice(["install", "remove"]), "install or remove", "list what is here"),
    name: optional(
      choice(["native", "gpu", "webgpu"]),
      "native (TensorFlow on the CPU), gpu (TensorFlow with CUDA) or webgpu",
    ),
  },
  options: {
    wheel: optional(text, "TensorFlow's wheel to build on", "fetch it from PyPI with pip"),
    backendsFolder: optional(text, "Folder for backends", "node_modules/.vadi/backends"),
  },
  examples: [
    { command: "vadi backend", describe: "Which backends work here, and on what" },
    { command: "vadi backend install native", describe: "TensorFlow's own kernels on the CPU" },
    {
      command: "vadi backend install native --wheel tensorflow_cpu-2.21.0-….whl",
      describe: "Build on a wheel that is here already",
    },
    { command: "vadi backend remove native", describe: "Undo it" },
  ],
  async run(values, { signal, onProgress, note }) {
    const folder = values.backendsFolder;
    if (folder !== undefined) process.env["VADI_BACKENDS_FOLDER"] = folder;
    const { installBackend, listBackends, removeBackend } =
      await import("../../../backend/index.js");
    const { action, name, wheel } = values;
    if (action !== undefined && name === undefined) {
      throw usageError(`vadi backend ${action} needs a name: native, gpu or webgpu.`);
    }
    if (action !== "install" && wheel !== undefined) {
      throw usageError("--wheel goes with vadi backend install only.");
    }
    const lines: string[] = [];
    if (action === "install" && name !== undefined) {
      const options = { wheel, signal, onProgress, onNote: note };
      const status = await installBackend(name, options);
      lines.push(
        status.available
          ? `Installed ${name}: --backend ${status.name} (${status.device ?? ""}).`
          : `Installed ${name}. ${status.reason ?? ""}`,
      );
    } else if (action === "remove" && name !== undefined) {
      await removeBackend(name);
      lines.push(`Removed ${name}.`);
    }
    const backends = await listBackends(signal);
    return {
      json: { backends },
      text: [...lines, ...(lines.length > 0 ? [""] : []), ...backends.flatMap(describe)],
    };
  },
});
