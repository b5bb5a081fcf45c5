import type { SharedMemory, TrainFunctions } from "./kernel.js";
import { CONTROL } from "./layout.js";
import type { Layout } from "./layout.js";

/** The numbers of `CONTROL` in the shared memory. */
export function controlOf(memory: SharedMemory, layout: Layout): Int32Array<SharedArrayBuffer> {
  return new Int32Array(memory.buffer, layout.control, Object.keys(CONTROL).length);
}

/**
 * Computes microbatches of the current portion until all are taken by this thread or others. The sums
 * of each are left in its own place in memory.
 *
 * @param thread the calling thread's number, whose scratch memory is used
 */
export function computeMicrobatches(
  kernel: TrainFunctions,
  memory: SharedMemory,
  layout: Layout,
  control: Int32Array<SharedArrayBuffer>,
  thread: number,
): void {
  const { features, x, y, microbatchSums, sums, table, layers, tile } = layout;
  for (;;) {
    // The thread that reads a number above 0 owns that microbatch, whose rows were written before.
    const left = Atomics.sub(control, CONTROL.left, 1);
    if (left <= 0) return;
    const microbatch = left - 1;
    const rows = control[CONTROL.rows]!;
    const microbatchRows = control[CONTROL.microbatchRows]!;
    const first = microbatch * microbatchRows;
    const address = microbatchSums + microbatch * sums * 8;
    new Float64Array(memory.buffer, address, sums).fill(0);
    kernel.addGradients(
      table,
      layers,
      x + first * features * 4,
      y + first * 4,
      Math.min(microbatchRows, rows - first),
      tile,
      layout.activations[thread]!,
      address,
    );
    Atomics.add(control, CONTROL.done, 1);
  }
}
