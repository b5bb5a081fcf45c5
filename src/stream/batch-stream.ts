import { usageError } from "../common/errors.js";

/**
 * A sequence of batches, or of what was made of them, that is computed as it is iterated. Each
 * function gives a new sequence and reads nothing itself; leaving the loop early ends everything
 * behind it.
 */
export interface BatchStream<Item> extends AsyncIterable<Item> {
  /** What the function makes of each item, one after the other. */
  map<Result>(change: (item: Item) => Result | Promise<Result>): BatchStream<Result>;
  /** The items for which the function is true. */
  filter(keep: (item: Item) => boolean | Promise<boolean>): BatchStream<Item>;
  /** The first items, as many as there are at the most. */
  take(count: number): BatchStream<Item>;
  /** Without the first items. */
  skip(count: number): BatchStream<Item>;
}

/** @throws a usage error unless it is a whole number from 0 on */
export function checkCount(name: string, count: number): number {
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw usageError(`${name} needs a whole number from 0 on, not ${count}.`);
}

/** The sequence of what is iterated; `source` is asked for its iterator when iteration starts. */
export function batchStream<Item>(source: () => AsyncIterator<Item>): BatchStream<Item> {
  const iterable: AsyncIterable<Item> = { [Symbol.asyncIterator]: source };
  return {
    ...iterable,
    map: (change) =>
      batchStream(async function* () {
        for await (const item of iterable) yield await change(item);
      }),
    filter: (keep) =>
      batchStream(async function* () {
        for await (const item of iterable) if (await keep(item)) yield item;
      }),
    take(count) {
      const wanted = checkCount("take", count);
      return batchStream(async function* () {
        if (wanted === 0) return;
        let taken = 0;
        for await (const item of iterable) {
          yield item;
          // The next item is not waited for.
          if (++taken === wanted) return;
        }
      });
    },
    skip(count) {
      const unwanted = checkCount("skip", count);
      return batchStream(async function* () {
        let skipped = 0;
        for await (const item of iterable) if (skipped++ >= unwanted) yield item;
      });
    },
  };
}
