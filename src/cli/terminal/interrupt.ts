import { constants } from "node:os";

/** The state of SIGINT (Ctrl-C) and SIGTERM. */
export interface Interrupts {
  signal: AbortSignal;
  /** Stops listening. */
  release: () => void;
}

/**
 * The first SIGINT or SIGTERM aborts the signal, so that the library stops and leaves its files complete. The
 * second exits at once.
 *
 * @param first Called on the first.
 * @param leave Called on the second with the exit code. It must not return.
 */
export function listenForInterrupts(
  first: () => void,
  leave: (exitCode: number) => void,
): Interrupts {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) leave(128 + constants.signals.SIGINT);
    first();
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
