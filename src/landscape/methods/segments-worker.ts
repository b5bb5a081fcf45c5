// Runs in a worker thread: computes the losses of batches by the piecewise method.
import { workerTask } from "../../common/worker-task.js";
import type { SliceMethod } from "./types.js";
import type { SegmentsTask } from "./segments-pool.js";
import { reluSegments } from "./relu-segments.js";

/** The grid of the last task; its weights stay in the kernel's memory from batch to batch. */
let current: { id: number; method: Promise<SliceMethod> } | undefined;

const runSegmentsTask: (task: SegmentsTask) => Promise<Float64Array> = workerTask(
  async ({ id, line, x, y, rows }) => {
    if (current?.id !== id) current = { id, method: reluSegments(line) };
    return (await current.method).evaluate({ x, y, rows });
  },
);

export default runSegmentsTask;
