import type { SharedMemory, TrainKernel } from "./kernel.js";
import { CONTROL } from "./layout.js";
import type { Layout } from "./layout.js";

/** The numbers of `CONTROL` in the shared memory. */
export function controlOf(memory: SharedMemory, layout: Layout): Int32Array<SharedArrayBuffer> {
  return new Int32Array(memory.buffer, layout.control, Object.keys(CONTROL).length);
}

/**
 * Takes parts of the portion at hand until none is left, each by one thread, and leaves their sums
 * in their places.
 *
 * @param thread the number of the calling thread, whose scratch is used
 */
export function workOff(
  kernel: TrainKernel,
  memory: SharedMemory,
  layout: Layout,
  control: Int32Array<SharedArrayBuffer>,
  thread: number,
): void {
  const { features, x, y, parts, sums, table, layers, tile } = layout;
  for (;;) {
    // Whoever gets more than 0 has a part, whose rows were written before there was anything left.
    const left = Atomics.sub(control, CONTROL.left, 1);
    if (left <= 0) return;
    const part = left - 1;
    const rows = control[CONTROL.rows]!;
    const partRows = control[CONTROL.partRows]!;
    const first = part * partRows;
    const place = parts + part * sums * 8;
    new Float64Array(memory.buffer, place, sums).fill(0);
    kernel.addGradients(
      table,
      layers,
      x + first * features * 4,
      y + first * 4,
      Math.min(partRows, rows - first),
      tile,
      layout.activations[thread]!,
      place,
    );
    Atomics.add(control, CONTROL.done, 1);
  }
}
