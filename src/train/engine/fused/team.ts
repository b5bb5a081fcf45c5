import { Worker } from "node:worker_threads";
import { setTimeout as pause } from "node:timers/promises";
import { failure } from "../../../common/errors.js";
import { instantiate } from "./kernel.js";
import type { SharedMemory, TrainFunctions } from "./kernel.js";
import { CONTROL, microbatchRowsOf } from "./layout.js";
import type { Layout } from "./layout.js";
import { computeMicrobatches, controlOf } from "./microbatches.js";
import type { HelperTask } from "./fused-worker.js";

/** How often the main thread checks for the others' last microbatches before it sleeps: some ten microseconds. */
const SPINS = 2000;
/** The longest that a sleep may block the event loop, in milliseconds. */
const LONGEST_SLEEP = 20;

type Control = Int32Array<SharedArrayBuffer>;

/** The threads that share the microbatches of a portion of rows; the calling one is one of them. */
export interface Team {
  readonly kernel: TrainFunctions;
  /**
   * Adds the sums over the rows in the shared memory to `layout.total`.
   *
   * @param shared whether the other threads take part; the sums are the same to the bit
   * @returns a promise where the other threads take long
   */
  run(rows: number, shared: boolean): Promise<void> | undefined;
  close(): Promise<void>;
}

/**
 * A team of threads in one memory. The others start when they are first needed, and take part as soon as
 * they have started: the main thread waits only for microbatches that another thread has taken.
 */
export function createTeam(
  compiled: WebAssembly.Module,
  memory: SharedMemory,
  layout: Layout,
): Team {
  const kernel = instantiate(compiled, memory);
  const control = controlOf(memory, layout);
  let helpers: Worker[] | undefined;
  let problem: Error | undefined;
  const onError = (error: unknown): void => {
    problem = failure("A training thread has failed; start the training again.", error);
  };

  async function finishLater(count: number): Promise<void> {
    while (!isDone(control, count)) {
      if (problem !== undefined) throw problem;
      await pause(1);
    }
  }

  return {
    kernel,
    run(rows, shared) {
      if (problem !== undefined) throw problem;
      const count = handOut(control, layout, rows);
      if (shared) {
        helpers ??= startHelpers(compiled, memory, layout, onError);
        wake(control);
      }
      computeMicrobatches(kernel, memory, layout, control, 0);
      const add = (): void => {
        kernel.addParts(layout.microbatchSums, count, layout.sums, layout.total);
      };
      if (!waitFor(control, count)) return finishLater(count).then(add);
      add();
      return undefined;
    },
    async close() {
      Atomics.store(control, CONTROL.ended, 1);
      wake(control);
      await Promise.all((helpers ?? []).map((helper) => helper.terminate()));
    },
  };
}

/** Starts a thread for each scratch memory but the main thread's. */
function startHelpers(
  kernel: WebAssembly.Module,
  memory: SharedMemory,
  layout: Layout,
  onError: (error: unknown) => void,
): Worker[] {
  return layout.activations.slice(1).map((_, index) => {
    const task: HelperTask = { kernel, memory, layout, thread: index + 1 };
    const helper = new Worker(new URL("fused-worker.js", import.meta.url), { workerData: task });
    helper.unref();
    helper.on("error", onError);
    return helper;
  });
}

/** Makes the microbatches of a portion available. Returns how many there are. */
function handOut(control: Control, layout: Layout, rows: number): number {
  const microbatchRows = microbatchRowsOf(layout, rows);
  const count = Math.ceil(rows / microbatchRows);
  control[CONTROL.rows] = rows;
  control[CONTROL.microbatchRows] = microbatchRows;
  Atomics.store(control, CONTROL.done, 0);
  Atomics.store(control, CONTROL.left, count);
  return count;
}

/** Wakes the threads that wait for a portion. */
function wake(control: Control): void {
  Atomics.add(control, CONTROL.portion, 1);
  Atomics.notify(control, CONTROL.portion);
}

function isDone(control: Control, count: number): boolean {
  return Atomics.load(control, CONTROL.done) >= count;
}

/** Waits for the others' last microbatches, first awake, then asleep. Returns false where that takes long. */
function waitFor(control: Control, count: number): boolean {
  for (let spin = 0; spin < SPINS; spin++) if (isDone(control, count)) return true;
  const until = performance.now() + LONGEST_SLEEP;
  for (;;) {
    const done = Atomics.load(control, CONTROL.done);
    if (done >= count) return true;
    const rest = until - performance.now();
    if (rest <= 0) return false;
    Atomics.wait(control, CONTROL.done, done, rest);
  }
}
