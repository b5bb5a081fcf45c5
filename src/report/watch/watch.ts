import path from "node:path";
import { stat } from "node:fs/promises";
import { failure } from "../../common/errors.js";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import type { Run } from "../../train/index.js";
import { watchOptions } from "../options.js";
import { followRun } from "./follow.js";
import { serveWatch } from "./server.js";

export interface WatchOptions extends GivenOptions<typeof watchOptions> {
  /** Compute slices of a few batches through the newest checkpoint. Default true. */
  slices?: boolean;
  /** Watch a run that has not begun yet. Default false: its folder must be there. */
  wait?: boolean;
  /** Milliseconds between two looks at the run's folder. Default 500. */
  interval?: number;
}

/** A page that is being served. */
export interface Watching {
  /** Where the page is. */
  readonly url: string;
  /** Looks at the run once more, tells the pages, and stops serving. */
  close(): Promise<void>;
}

/**
 * Serves a page on this machine alone that follows a running training: its loss, its speed, slices
 * through its checkpoints and its landscapes as they come. It goes on until it is closed.
 *
 * @param run a run, or its folder
 * @throws a usage error for a port that cannot be; a failure where the folder is not there or the
 *   port cannot be had
 */
export async function watch(run: Run | string, options: WatchOptions = {}): Promise<Watching> {
  const dir = path.resolve(typeof run === "string" ? run : run.dir);
  const { port } = fillOptions(watchOptions, options);
  const { slices = true, wait = false, interval = 500 } = options;
  if (!wait && !(await isRun(dir)))
    throw failure(`${dir} is not a run: it has no run.json. Name the folder of one.`);
  const controller = new AbortController();
  const server = await serveWatch(path.basename(dir), port, () => follower.now());
  const follower = followRun(dir, {
    interval,
    slices,
    signal: controller.signal,
    onEvent: (event) => server.send(event),
  });
  let closing: Promise<void> | undefined;
  return {
    url: server.url,
    close: () =>
      (closing ??= (async () => {
        controller.abort();
        await follower.ended;
        await follower.look();
        await server.close();
      })()),
  };
}

async function isRun(dir: string): Promise<boolean> {
  try {
    return (await stat(path.join(dir, "run.json"))).isFile();
  } catch {
    return false;
  }
}
