import { workerData } from "node:worker_threads";
import { instantiate } from "./kernel.js";
import type { SharedMemory } from "./kernel.js";
import { CONTROL } from "./layout.js";
import type { Layout } from "./layout.js";
import { computeMicrobatches, controlOf } from "./microbatches.js";

/** What a thread is started with. */
export interface HelperTask {
  kernel: WebAssembly.Module;
  memory: SharedMemory;
  layout: Layout;
  /** Its number, from 1; the main thread is 0. */
  thread: number;
}

// A thread beside the main one: it computes microbatches of each portion of rows.
const { kernel: compiled, memory, layout, thread } = workerData as HelperTask;
const kernel = instantiate(compiled, memory);
const control = controlOf(memory, layout);
while (Atomics.load(control, CONTROL.ended) === 0) {
  const portion = Atomics.load(control, CONTROL.portion);
  computeMicrobatches(kernel, memory, layout, control, thread);
  // The main thread sleeps once it has nothing left to compute.
  Atomics.notify(control, CONTROL.done);
  Atomics.wait(control, CONTROL.portion, portion);
}
