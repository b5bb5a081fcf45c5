import type { StreamedRows } from "../streamed/types.js";
import { appendObject, rowsOfBatch } from "./append.js";
import type { Block } from "./block.js";
import type { Items } from "./items.js";
import { isArrowBatch, isBatch } from "./types.js";

/**
 * Checks a program's rows and hands them on in blocks, which are cut where rows were dropped.
 *
 * @yields blocks, whose arrays are used again; the last may have no rows, but dropped ones before its end
 * @throws a failure that names column and row of an invalid value
 */
export async function* readRows(items: Items, block: Block): AsyncGenerator<StreamedRows> {
  try {
    for (;;) {
      const next = items.next();
      const item = next instanceof Promise ? await next : next;
      if (item === undefined) break;
      const batch = isArrowBatch(item) || isBatch(item) ? rowsOfBatch(item, block) : undefined;
      for (let done = 0; done < (batch?.rows ?? 1);) {
        if (batch !== undefined) done = batch.append(block, done);
        else if (appendObject(item, block)) done = 1;
        if (!block.isFull) continue;
        yield block;
        clear(block);
      }
    }
    if (block.rows > 0 || block.dropped > 0) yield block;
  } finally {
    await items.close();
  }
}

function clear(block: Block): void {
  block.rows = 0;
  block.dropped = 0;
  block.isFull = false;
}
