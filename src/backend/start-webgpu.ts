import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setBackend } from "@tensorflow/tfjs-core";
import { failure } from "../common/errors.js";
import { ownPackage } from "./packages.js";
import { installationFolder, readInstallation } from "./installations.js";
import { packageVersion } from "./start-node.js";
import type { StartedBackend } from "./types.js";

/** Names of software drivers. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** What this module uses of WebGPU. */
interface Adapter {
  info: {
    vendor: string;
    architecture: string;
    device: string;
    description: string;
    isFallbackAdapter?: boolean;
  };
}
interface Gpu {
  requestAdapter(options?: object): Promise<Adapter | null>;
}
interface Dawn {
  create(options: string[]): Gpu;
  globals: object;
}

const TFJS = "@tensorflow/tfjs-backend-webgpu";

/** The folders of the two packages, by `vadi backend install` or the project's own. */
export interface WebgpuPackages {
  dawn: string;
  tfjs: string;
}

export function findWebgpuPackages(): WebgpuPackages | undefined {
  if (readInstallation("webgpu") !== undefined) {
    const modules = path.join(installationFolder("webgpu"), "node_modules");
    return { dawn: path.join(modules, "webgpu"), tfjs: path.join(modules, TFJS) };
  }
  const dawn = ownPackage("webgpu");
  const tfjs = ownPackage(TFJS);
  return dawn === undefined || tfjs === undefined ? undefined : { dawn, tfjs };
}

let gpu: Gpu | undefined;

/**
 * Starts Dawn on Vulkan (Metal, Direct3D), defines the WebGPU globals that tfjs uses, and makes `webgpu`
 * the current backend.
 *
 * @throws a failure where there is no adapter
 */
export async function startWebgpu({ dawn, tfjs }: WebgpuPackages): Promise<StartedBackend> {
  const module = (await import(pathToFileURL(path.join(dawn, "index.js")).href)) as Dawn;
  const isFirst = gpu === undefined;
  gpu ??= module.create(process.platform === "linux" ? ["backend=vulkan"] : []);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw failure(
      "no GPU with a Vulkan driver is found; VK_ICD_FILENAMES can name a driver's file",
    );
  }
  if (isFirst) {
    Object.assign(globalThis, module.globals);
    provideNavigator(gpu);
    createRequire(path.join(tfjs, "package.json"))(tfjs);
  }
  if (!(await setBackend("webgpu")))
    throw failure("TensorFlow.js could not get a device of the adapter");
  const { info } = adapter;
  const words = [info.description, info.device, info.vendor, info.architecture];
  const isSoftware = info.isFallbackAdapter === true || words.some((word) => SOFTWARE.test(word));
  const device = info.description || info.device || `${info.vendor} ${info.architecture}`.trim();
  return {
    name: "webgpu",
    registered: "webgpu",
    version: `Dawn ${packageVersion(dawn)}, tfjs-backend-webgpu ${packageVersion(tfjs)}`,
    device: isSoftware ? `CPU (${device})` : `GPU (${device})`,
    isGpu: !isSoftware,
    threads: 1,
  };
}

/** From Node 21 on there is a global navigator without `gpu`; Node 20 has none. */
function provideNavigator(provided: Gpu): void {
  const scope = globalThis as { navigator?: object };
  if (scope.navigator === undefined) {
    Object.defineProperty(scope, "navigator", { value: {}, configurable: true });
  }
  Object.defineProperty(scope.navigator, "gpu", { value: provided, configurable: true });
}
