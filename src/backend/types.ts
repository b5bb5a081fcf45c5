import type { BackendName } from "./options.js";
import type { InstallName } from "./places.js";

/** How a backend is started, where this process has not started it yet. */
export interface StartOptions {
  /**
   * Threads within one of TensorFlow's operations, on tfjs-node and unless the environment says
   * (`TF_NUM_INTRAOP_THREADS`). Default: one a core.
   */
  operationThreads?: number;
}

/** A tfjs backend that runs. */
export interface StartedBackend {
  name: Exclude<BackendName, "auto">;
  /** The name under which tfjs knows it. */
  registered: string;
  /** Of what computes, in words. */
  version: string;
  /** What it computes on, in words. */
  device: string;
  /** Whether that is a GPU: not a program that stands in for one. */
  isGpu: boolean;
  /**
   * Threads that compute on the CPU, of TensorFlow those within one operation; runs are bit-identical
   * only with the same number.
   */
  threads: number;
}

/** A backend that runs, and why it is this one. */
export interface ChosenBackend extends StartedBackend {
  reason: string;
}

/** One line of `vadi backend`. */
export interface BackendStatus {
  name: Exclude<BackendName, "auto">;
  /** Whether it runs here: it has been started to see. */
  available: boolean;
  version: string | null;
  device: string | null;
  /** Why it is not available. */
  reason: string | null;
  /** The command that installs it; null where nothing needs to be. */
  install: string | null;
}

export type { BackendName, InstallName };
