import path from "node:path";
import { isFile } from "../../files/folders.js";
import { failure } from "../../common/errors.js";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import type { Run } from "../../train/index.js";
import { watchOptions } from "../options.js";
import { followRun } from "./follow.js";
import { serveWatch } from "./server.js";

/** What the page of a running training shows. */
export interface WatchOptions extends GivenOptions<typeof watchOptions> {
  /** Compute slices of a few batches through the newest checkpoint. Default true. */
  slices?: boolean;
  /** Whether the run may start later. Default false: its folder must exist. */
  wait?: boolean;
  /** Milliseconds between two checks of the run's folder. Default 500. */
  interval?: number;
}

/** A watch page that is being served. */
export interface Watching {
  /** The page's address. */
  readonly url: string;
  /** Checks the run once more, updates the open pages, and stops serving. */
  close(): Promise<void>;
}

/**
 * Serves a page, on this machine only, that follows a training: its loss, its speed, slices through its
 * checkpoints, and its landscapes as they appear. It is served until `close` is called.
 *
 * @param run a run, or its folder
 * @throws a usage error for an invalid port; a failure if the folder does not exist or the port is taken
 */
export async function watch(run: Run | string, options: WatchOptions = {}): Promise<Watching> {
  const dir = path.resolve(typeof run === "string" ? run : run.dir);
  const { port } = fillOptions(watchOptions, options);
  const { slices = true, wait = false, interval = 500 } = options;
  if (!wait && !(await isFile(path.join(dir, "run.json"))))
    throw failure(`${dir} is not a run: it has no run.json. Name the folder of a run.`);
  const controller = new AbortController();
  const server = await serveWatch(path.basename(dir), port, () => follower.events());
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
        await follower.check();
        await server.close();
      })()),
  };
}
