import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { messageOf, throwIfAborted } from "../common/errors.js";
import { installCommand } from "./installations.js";
import { installNameOf, isInstalled } from "./start.js";
import type { ProbeAnswer } from "./probe-child.js";
import type { BackendStatus } from "./types.js";

/** Every backend, best first. */
const NAMES: readonly BackendStatus["name"][] = [
  "tfjs-node-gpu",
  "tfjs-node",
  "webgpu",
  "wasm",
  "cpu",
];

/** Milliseconds that a backend has to start. */
const LIMIT = 120_000;

/** Every backend: whether it works, and on which device. Each is started in a process of its own. */
export async function listBackends(signal?: AbortSignal): Promise<BackendStatus[]> {
  return Promise.all(NAMES.map((name) => probe(name, signal)));
}

/**
 * Starts a backend in a process of its own and computes something on it. If a driver crashes, it ends
 * only that process.
 */
export async function probe(
  name: BackendStatus["name"],
  signal?: AbortSignal,
): Promise<BackendStatus> {
  const install = installNameOf(name);
  const absent = {
    name,
    available: false,
    version: null,
    device: null,
    install: install === undefined ? null : installCommand(install),
  };
  try {
    if (!isInstalled(name)) return { ...absent, reason: "It is not installed." };
  } catch (error) {
    return { ...absent, reason: messageOf(error) };
  }
  const answer = await ask(name, signal);
  if ("reason" in answer) return { ...absent, reason: answer.reason };
  const { version, device } = answer;
  return { ...absent, available: true, version, device, reason: null };
}

async function ask(name: string, signal: AbortSignal | undefined): Promise<ProbeAnswer> {
  const module = fileURLToPath(new URL("probe-child.js", import.meta.url));
  const child = fork(module, [name], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-4000);
  });
  const stop = (): void => void child.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(stop, LIMIT);
  try {
    const answer = await new Promise<ProbeAnswer>((resolve, reject) => {
      child.on("message", (message) => resolve(message as ProbeAnswer));
      child.on("error", reject);
      child.on("close", (code, ended) => {
        const last = output.trim().split("\n").at(-1) ?? "";
        const how = ended ?? `exit code ${code}`;
        resolve({ reason: `Its process ended by ${how}${last === "" ? "" : `: ${last}`}.` });
      });
    });
    throwIfAborted(signal);
    return answer;
  } catch (error) {
    throwIfAborted(signal);
    return { reason: messageOf(error) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    stop();
  }
}
