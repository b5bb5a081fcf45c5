import type { z } from "zod/mini";
import type { GivenOptions } from "../common/options/options.js";
import type { OnProgress } from "../common/progress.js";
import type { workOptions } from "./options.js";
import type { resultSchema, taskSchema } from "./schema.js";

/** A part of a job, for one machine of many. */
export type Task = z.infer<typeof taskSchema>;

/** What a task does. */
export type TaskKind = Task["kind"];

/** The tasks of a kind. */
export type TaskOf<Kind extends TaskKind> = Extract<Task, { kind: Kind }>;

/** A finished task, as its file holds it. */
export type StoredResult = z.infer<typeof resultSchema>;

/** What became of a task that succeeded. */
export interface TaskResult {
  task: number;
  kind: TaskKind;
  status: "done";
  /** An earlier or another attempt had done it already. */
  earlier?: true;
  rows: number;
  /** Wall-clock time of the attempt. */
  seconds: number;
  /** The attempt's folder within the task's `parts`. */
  folder?: string;
  /** What was found, by the kind of the task. */
  found: Record<string, unknown>;
}

/** One line of output: what became of one line of input. */
export type TaskLine =
  | TaskResult
  | {
      /** Null where the line does not say it. */
      task: number | null;
      kind: string | null;
      status: "failed";
      /** The line of the input, from 1. */
      line: number;
      error: string;
    };

/** How the work of a task is done. */
export interface WorkOptions extends GivenOptions<typeof workOptions> {
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/** What the work of a task came to. */
export interface Outcome {
  rows: number;
  found: Record<string, unknown>;
  /** Numbers of each batch or group of rows, in their order. */
  perBatch?: number[][];
  /** Whether the attempt's folder holds files of the result. */
  hasFiles: boolean;
}
