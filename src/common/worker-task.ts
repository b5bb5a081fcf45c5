import { VadiError, type ErrorKind } from "./errors.js";

/*
 * An error that leaves a worker thread is copied, and the copy of a VadiError is a plain Error. Its
 * kind travels as the copy's cause, which tells the other side to make a VadiError of it again.
 */

const MARK = "vadi error in a worker thread: ";

function marked(error: VadiError): Error {
  return new Error(error.message, { cause: MARK + error.kind });
}

/** Wraps a worker thread's function so that the VadiErrors it throws keep their kind. */
export function workerTask<Task, Result>(
  run: (task: Task) => Result | Promise<Result>,
): (task: Task) => Promise<Result> {
  return async (task) => {
    try {
      return await run(task);
    } catch (error) {
      throw error instanceof VadiError ? marked(error) : error;
    }
  };
}

/** The error as it was thrown in the worker thread. */
export function restoreError(error: unknown): unknown {
  if (!(error instanceof Error) || typeof error.cause !== "string") return error;
  const kind = (["usage", "failed", "interrupted"] satisfies ErrorKind[]).find(
    (known) => error.cause === MARK + known,
  );
  return kind === undefined ? error : new VadiError(kind, error.message, error);
}
