import { workerData } from "node:worker_threads";
import { instantiate } from "./kernel.js";
import type { SharedMemory } from "./kernel.js";
import { CONTROL } from "./layout.js";
import type { Layout } from "./layout.js";
import { controlOf, workOff } from "./parts.js";

/** What a thread is started with. */
export interface HelperTask {
  kernel: WebAssembly.Module;
  memory: SharedMemory;
  layout: Layout;
  /** Its number, from 1; the main thread is 0. */
  thread: number;
}

// A thread of its own beside the main one: works off parts of each portion as it is handed out.
const { kernel: compiled, memory, layout, thread } = workerData as HelperTask;
const kernel = instantiate(compiled, memory);
const control = controlOf(memory, layout);
while (Atomics.load(control, CONTROL.ended) === 0) {
  const portion = Atomics.load(control, CONTROL.portion);
  workOff(kernel, memory, layout, control, thread);
  // The main thread sleeps where it has nothing left to do itself.
  Atomics.notify(control, CONTROL.done);
  Atomics.wait(control, CONTROL.portion, portion);
}
