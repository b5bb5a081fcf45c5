import { constants } from "node:os";

/** Listens for Ctrl-C (SIGINT) and for SIGTERM. */
export interface Interrupts {
  signal: AbortSignal;
  /** Stops listening. */
  release: () => void;
}

/**
 * The first SIGINT or SIGTERM aborts the signal, so that the library stops in good order and leaves
 * its files whole; a second one leaves at once.
 *
 * @param first Called on the first.
 * @param leave Called on the second, with the exit code; it must not return.
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
