import type { BackendName } from "./options.js";
import type { InstallName } from "./installations.js";

/** How a backend is started. Ignored where this process has started it already. */
export interface StartOptions {
  /**
   * Threads of one TensorFlow operation, on tfjs-node. The environment's `TF_NUM_INTRAOP_THREADS` takes
   * precedence. Default: one for each core.
   */
  operationThreads?: number;
}

/** A tfjs backend that has been started. */
export interface StartedBackend {
  name: Exclude<BackendName, "auto">;
  /** Its name in tfjs. */
  registered: string;
  /** The versions of its software, for people. */
  version: string;
  /** The device it computes on, for people. */
  device: string;
  /** Whether the device is a GPU, not a software driver. */
  isGpu: boolean;
  /**
   * Threads on the CPU; for TensorFlow those of one operation. Runs are bit-identical only with the same
   * number.
   */
  threads: number;
}

/** A started backend, and why it was chosen. */
export interface ChosenBackend extends StartedBackend {
  reason: string;
}

/** One line of `vadi backend`. */
export interface BackendStatus {
  name: Exclude<BackendName, "auto">;
  /** Whether it works on this machine: it has been started to find out. */
  available: boolean;
  version: string | null;
  device: string | null;
  /** Why it is not available. */
  reason: string | null;
  /** The command that installs it; null for built-in backends. */
  install: string | null;
}

export type { BackendName, InstallName };
