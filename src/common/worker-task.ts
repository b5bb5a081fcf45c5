import { VadiError, type ErrorKind, type Sentence } from "./errors.js";

/*
 * An error that leaves a worker thread is copied, and the copy of a VadiError is a plain Error. Its
 * kind travels as the copy's cause, from which the other side restores the VadiError. The names of
 * options travel between marks within the message.
 */

const MARK = "vadi error in a worker thread: ";

/** Stands on both sides of an option's name; no sentence contains it. */
const OPTION = "\u0001";

function marked(error: VadiError): Error {
  const { sentence } = error;
  // As it is: `say` would write the marks as escapes.
  const message =
    typeof sentence === "string" ? sentence : sentence((name) => `${OPTION}${name}${OPTION}`);
  return new Error(message, { cause: MARK + error.kind });
}

/** The sentence of a marked message. */
function sentenceOf(message: string): Sentence {
  const parts = message.split(OPTION);
  if (parts.length === 1) return message;
  // Every other part is an option's name.
  return (option) => parts.map((part, index) => (index % 2 === 1 ? option(part) : part)).join("");
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
  return kind === undefined ? error : new VadiError(kind, sentenceOf(error.message), error);
}
