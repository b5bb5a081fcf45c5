import type { Floats } from "../format/types.js";
import type { StreamedRows } from "./types.js";

/** Rows of a stream, taken in any portions. */
export interface RowQueue {
  /** Whether there are more rows. */
  hasMore(): Promise<boolean>;
  /** Up to some rows, fewer only at the end; undefined where there are none. The arrays are used again. */
  take(rows: number): Promise<{ x: Floats; y: Floats; rows: number } | undefined>;
  /** Passes over rows. Returns whether there were so many. */
  skip(rows: number): Promise<boolean>;
  /** Rows that the stream has left out so far. */
  dropped(): number;
  close(): Promise<void>;
}

/** Makes a queue of a stream of rows with D features. */
export function createRowQueue(stream: AsyncIterable<StreamedRows>, features: number): RowQueue {
  const iterator = stream[Symbol.asyncIterator]();
  let current: StreamedRows | undefined;
  let at = 0;
  let dropped = 0;
  let buffer: Buffers | undefined;
  const hasMore = async (): Promise<boolean> => {
    while (current === undefined || at >= current.rows) {
      const next = await iterator.next();
      if (next.done === true) {
        current = undefined;
        return false;
      }
      current = next.value;
      dropped += current.dropped ?? 0;
      at = 0;
    }
    return true;
  };
  return {
    hasMore,
    async take(rows) {
      let filled = 0;
      while (filled < rows && (await hasMore())) {
        const { x, y, rows: there } = current!;
        const count = Math.min(rows - filled, there - at);
        buffer = fitting(buffer, current!, rows, features);
        buffer.x.set(x.subarray(at * features, (at + count) * features), filled * features);
        buffer.y.set(y.subarray(at, at + count), filled);
        filled += count;
        at += count;
      }
      if (filled === 0 || buffer === undefined) return undefined;
      return {
        x: buffer.x.subarray(0, filled * features),
        y: buffer.y.subarray(0, filled),
        rows: filled,
      };
    },
    async skip(rows) {
      let left = rows;
      while (left > 0 && (await hasMore())) {
        const count = Math.min(left, current!.rows - at);
        at += count;
        left -= count;
      }
      return left === 0;
    },
    dropped: () => dropped,
    async close() {
      await iterator.return?.();
    },
  };
}

interface Buffers {
  x: Floats;
  y: Floats;
}

/** The buffers, or larger ones, of float64 as soon as some rows are; with the rows that are in them. */
function fitting(
  earlier: Buffers | undefined,
  { x }: StreamedRows,
  rows: number,
  features: number,
): Buffers {
  const isWider = x instanceof Float64Array && earlier?.x instanceof Float32Array;
  if (earlier !== undefined && !isWider && earlier.y.length >= rows) return earlier;
  const isWide = x instanceof Float64Array || earlier?.x instanceof Float64Array;
  const Values = isWide ? Float64Array : Float32Array;
  const buffers = { x: new Values(rows * features), y: new Values(rows) };
  if (earlier !== undefined) {
    const kept = Math.min(rows, earlier.y.length);
    buffers.x.set(earlier.x.subarray(0, kept * features));
    buffers.y.set(earlier.y.subarray(0, kept));
  }
  return buffers;
}
