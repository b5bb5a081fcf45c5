import { count } from "../common/options/kinds.js";
import { checkValue } from "../common/options/options.js";

/**
 * A sequence of batches, or of values computed from them, that is evaluated as it is iterated. Each
 * function returns a new sequence and reads nothing itself. Leaving the loop early frees threads and
 * memory.
 */
export interface BatchStream<Item> extends AsyncIterable<Item> {
  /** The results of the function, called for one item after the other. */
  map<Result>(change: (item: Item) => Result | Promise<Result>): BatchStream<Result>;
  /** The items for which the function is true. */
  filter(keep: (item: Item) => boolean | Promise<boolean>): BatchStream<Item>;
  /** The first items, at most `items` of them. */
  take(items: number): BatchStream<Item>;
  /** All but the first items. */
  skip(items: number): BatchStream<Item>;
}

/** @param source gives an iterator when iteration starts */
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
    take(items) {
      const wanted = checkItems("take", items);
      return batchStream(async function* () {
        if (wanted === 0) return;
        let taken = 0;
        for await (const item of iterable) {
          yield item;
          // Without waiting for the next item.
          if (++taken === wanted) return;
        }
      });
    },
    skip(items) {
      const unwanted = checkItems("skip", items);
      return batchStream(async function* () {
        let skipped = 0;
        for await (const item of iterable) if (skipped++ >= unwanted) yield item;
      });
    },
  };
}

/** @throws a usage error unless it is a whole number from 0 on */
export function checkItems(name: string, items: number): number {
  return checkValue(count(), items, name);
}
