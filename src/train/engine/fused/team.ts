import { Worker } from "node:worker_threads";
import { setTimeout as pause } from "node:timers/promises";
import { failure } from "../../../common/errors.js";
import { instantiate } from "./kernel.js";
import type { SharedMemory, TrainKernel } from "./kernel.js";
import { CONTROL, partRowsOf } from "./layout.js";
import type { Layout } from "./layout.js";
import { controlOf, workOff } from "./parts.js";
import type { HelperTask } from "./worker.js";

/** Looks at the others' last part before the thread goes to sleep: some ten microseconds. */
const LOOKS = 2000;
/** How long a sleep may block the event loop, in milliseconds. */
const LONGEST_SLEEP = 20;

/** The threads that share the parts of a portion of rows; the calling one is one of them. */
export interface Team {
  readonly kernel: TrainKernel;
  /**
   * Sums over the rows that lie in the shared memory, into `layout.total`, whose former content is
   * added to. A promise where the other threads take long.
   *
   * @param shared whether the other threads take part; the sums are the same to the bit
   */
  run(rows: number, shared: boolean): Promise<void> | undefined;
  close(): Promise<void>;
}

/**
 * A team of threads in one memory. The others start when they are first needed, and take part as
 * soon as they are there: the main thread waits for nobody who has taken nothing.
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

  function start(): Worker[] {
    return layout.activations.slice(1).map((_, index) => {
      const task: HelperTask = { kernel: compiled, memory, layout, thread: index + 1 };
      const helper = new Worker(new URL("worker.js", import.meta.url), { workerData: task });
      helper.unref();
      helper.on("error", (error: unknown) => {
        problem = failure("A training thread has failed; start the training again.", error);
      });
      return helper;
    });
  }

  function isDone(count: number): boolean {
    return Atomics.load(control, CONTROL.done) >= count;
  }

  /** Waits for the others' last parts, at first awake, then asleep, but never for long. */
  function finish(count: number): boolean {
    for (let look = 0; look < LOOKS; look++) if (isDone(count)) return true;
    const until = performance.now() + LONGEST_SLEEP;
    for (;;) {
      const done = Atomics.load(control, CONTROL.done);
      if (done >= count) return true;
      const rest = until - performance.now();
      if (rest <= 0) return false;
      Atomics.wait(control, CONTROL.done, done, rest);
    }
  }

  async function finishLater(count: number): Promise<void> {
    while (!isDone(count)) {
      if (problem !== undefined) throw problem;
      await pause(1);
    }
  }

  return {
    kernel,
    run(rows, shared) {
      if (problem !== undefined) throw problem;
      const partRows = partRowsOf(layout, rows);
      const count = Math.ceil(rows / partRows);
      control[CONTROL.rows] = rows;
      control[CONTROL.partRows] = partRows;
      Atomics.store(control, CONTROL.done, 0);
      Atomics.store(control, CONTROL.left, count);
      if (shared) {
        helpers ??= start();
        Atomics.add(control, CONTROL.portion, 1);
        Atomics.notify(control, CONTROL.portion);
      }
      workOff(kernel, memory, layout, control, 0);
      const add = (): void => {
        kernel.addParts(layout.parts, count, layout.sums, layout.total);
      };
      if (!finish(count)) return finishLater(count).then(add);
      add();
      return undefined;
    },
    async close() {
      Atomics.store(control, CONTROL.ended, 1);
      Atomics.add(control, CONTROL.portion, 1);
      Atomics.notify(control, CONTROL.portion);
      await Promise.all((helpers ?? []).map((helper) => helper.terminate()));
    },
  };
}
