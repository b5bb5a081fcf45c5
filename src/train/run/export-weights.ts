import path from "node:path";
import { usageError } from "../../common/errors.js";
import { exists, inNewFolder } from "../../files/folders.js";
import { VERSION } from "../../common/version.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { loadModel, isDense, safetensors, type NamedTensor } from "../../model/index.js";
import { openRun } from "./open-run.js";
import { RUN_FILES } from "./run-folder.js";
import type { Activation, DenseNetwork } from "../../model/index.js";
import type { Run } from "../types.js";
import { outputPath } from "../../files/output-path.js";

/** The only format, named by the file's extension. */
const ENDING = ".safetensors";

/** The PyTorch module of each activation. */
const MODULES: Readonly<Record<Activation, string | undefined>> = {
  linear: undefined,
  relu: "torch.nn.ReLU()",
  tanh: "torch.nn.Tanh()",
  sigmoid: "torch.nn.Sigmoid()",
};

/** Weights exported for other libraries. */
export interface ExportedWeights {
  /** The file, absolute. */
  file: string;
  tensors: { name: string; shape: number[] }[];
  /** A PyTorch expression of the same model; undefined where it is not a plain chain of dense layers. */
  torch: string | undefined;
  /** Warnings for the model's users. */
  warnings: readonly string[];
}

/**
 * Writes a run's weights, with its standardisation folded in, as a safetensors file, which PyTorch, JAX
 * and others read. A chain of dense layers is written as the state of a `torch.nn.Sequential`, that is
 * as `0.weight` of shape outputs × inputs, `0.bias` and so on; another model's weights have the names and
 * shapes that TensorFlow.js gives them.
 *
 * @param file a name that ends in `.safetensors`
 * @param options.force whether to replace an existing file
 * @throws a usage error for another extension and where the file exists; a failure where the run
 *   cannot be read or the file cannot be written
 */
export async function exportWeights(
  run: Run | string,
  file: string,
  { force = false }: { force?: boolean } = {},
): Promise<ExportedWeights> {
  const target = outputPath(file);
  if (!target.endsWith(ENDING)) {
    throw usageError(
      (option) => `${option("out")} is ${file}; give a file whose name ends in ${ENDING}.`,
    );
  }
  if (!force && exists(target)) {
    throw usageError(
      (option) =>
        `${target} exists already; choose another ${option("out")}, or replace it with ${option("force")}.`,
    );
  }
  const { dir, warnings } = typeof run === "string" ? await openRun(run) : run;
  const network = await loadModel(path.join(dir, RUN_FILES.model));
  const { tensors, torch } = isDense(network)
    ? asSequential(network)
    : { tensors: network.weights, torch: undefined };
  const metadata: Record<string, string> =
    torch === undefined ? { format: "tf", vadi: VERSION } : { format: "pt", vadi: VERSION, torch };
  const refusal = (reason: string): string => `Could not write ${target}: ${reason}.`;
  await inNewFolder(path.dirname(target), refusal, () =>
    writeFileAtomic(target, safetensors(tensors, metadata)),
  );
  return {
    file: target,
    tensors: tensors.map(({ name, shape }) => ({ name, shape: [...shape] })),
    torch,
    warnings,
  };
}

/** Dense layers with PyTorch's numbering, in which an activation is a layer of its own. */
function asSequential(network: DenseNetwork): { tensors: NamedTensor[]; torch: string } {
  const tensors: NamedTensor[] = [];
  const modules: string[] = [];
  for (const { inputs, outputs, activation, weights, bias } of network) {
    const name = String(modules.length);
    // PyTorch stores the transpose of a kernel.
    const values = new Float32Array(weights.length);
    for (const [at, value] of weights.entries()) {
      values[(at % outputs) * inputs + Math.floor(at / outputs)] = value;
    }
    tensors.push({ name: `${name}.weight`, shape: [outputs, inputs], values });
    if (bias !== undefined) tensors.push({ name: `${name}.bias`, shape: [outputs], values: bias });
    const without = bias === undefined ? ", bias=False" : "";
    modules.push(`torch.nn.Linear(${inputs}, ${outputs}${without})`);
    const after = MODULES[activation];
    if (after !== undefined) modules.push(after);
  }
  return { tensors, torch: `torch.nn.Sequential(${modules.join(", ")})` };
}
