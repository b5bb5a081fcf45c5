import { failure, interruption, messageOf, usageError, VadiError } from "../../common/errors.js";
import { onAbort } from "../../common/on-abort.js";
import { isArrowBatch, type Rows } from "./types.js";

/** The items of a program's rows, one at a time. */
export interface Items {
  /** The next item; undefined at the end. A promise only if the source has promises. */
  next(): object | undefined | Promise<object | undefined>;
  /** The next item, which `next` gives again. */
  peek(): Promise<object | undefined>;
  /** Lets the source end early: streams are destroyed, generators run their `finally`. */
  close(): Promise<void>;
}

/**
 * Opens a program's rows.
 *
 * @param row how many rows came before, for errors
 * @throws a usage error where they cannot be iterated
 */
export function openItems(rows: Rows, row: () => number, signal: AbortSignal | undefined): Items {
  const iterator = iteratorOf(rows);
  let first: { item: object | undefined } | undefined;
  let hasEnded = false;
  let isPending = false;
  const itemOf = ({ done, value }: IteratorResult<object>): object | undefined => {
    if (done === true) {
      hasEnded = true;
      return undefined;
    }
    if (typeof value === "object" && value !== null) return value;
    throw failure(
      `Row ${row() + 1} (counted from 1) is ${value === null ? "null" : `a ${typeof value}`}; rows are objects, { x, y } batches or Arrow record batches.`,
    );
  };
  const failed = (error: unknown): VadiError => {
    hasEnded = true;
    if (error instanceof VadiError) return error;
    return failure(`The rows ended with an error after row ${row()}: ${messageOf(error)}.`, error);
  };
  const later = async (result: Promise<IteratorResult<object>>): Promise<object | undefined> => {
    isPending = true;
    let step: IteratorResult<object>;
    try {
      step = await (signal === undefined ? result : unlessAborted(result, signal));
    } catch (error) {
      throw failed(error);
    }
    isPending = false;
    return itemOf(step);
  };
  const next: Items["next"] = () => {
    if (first !== undefined) {
      const { item } = first;
      first = undefined;
      return item;
    }
    let result: IteratorResult<object> | Promise<IteratorResult<object>>;
    try {
      result = iterator.next();
    } catch (error) {
      throw failed(error);
    }
    return "then" in result ? later(result) : itemOf(result);
  };
  return {
    next,
    async peek() {
      first ??= { item: await next() };
      return first.item;
    },
    async close() {
      if (hasEnded) return;
      hasEnded = true;
      const closing = Promise.resolve(iterator.return?.()).catch(() => {});
      // A source that never answered would not answer this either.
      if (!isPending) await closing;
    },
  };
}

function iteratorOf(rows: Rows): Iterator<object> | AsyncIterator<object> {
  const given = rows as Partial<Iterable<object> & AsyncIterable<object>> | null | undefined;
  if (typeof given === "object" && given !== null) {
    if (isArrowBatch(given)) return [given as object].values();
    // An Arrow table: its own iterator goes row by row.
    const { batches } = given as { batches?: unknown };
    if (Array.isArray(batches) && batches.every(isArrowBatch)) return batches.values();
    const iterator = given[Symbol.asyncIterator]?.() ?? given[Symbol.iterator]?.();
    if (iterator !== undefined) return iterator;
  }
  throw usageError(
    "The rows must be an iterable or async iterable of objects, { x, y } batches or Arrow record batches.",
  );
}

/** A promise's result, or an interruption as soon as the signal is aborted. */
async function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  let end: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    end = onAbort(signal, () => reject(interruption()));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    end?.();
  }
}
