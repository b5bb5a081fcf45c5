import type { RowEvent } from "./row/row-pieces.js";

/*
 * Events as records of float64 numbers, so that threads, memory and files hold them alike.
 */

/** Numbers of a record. */
export const RECORD = 14;
/** Where each of them lies; `change` is the first of five. */
export const FIELD = {
  from: 0,
  to: 1,
  low: 2,
  high: 3,
  jump: 4,
  jumpError: 5,
  change: 6,
  row: 11,
  layer: 12,
  unit: 13,
} as const;

/** Records, as many as there turn out to be. */
export interface RecordList {
  add(event: RowEvent, row: number): void;
  /** All records, one after the other. */
  records(): Float64Array<ArrayBuffer>;
}

export function createRecordList(): RecordList {
  let room = new Float64Array(1024 * RECORD);
  let length = 0;
  return {
    add({ from, to, low, high, jump, jumpError, change, layer, unit }, row) {
      if (length === room.length) {
        const larger = new Float64Array(2 * length);
        larger.set(room);
        room = larger;
      }
      room.set([from, to, low, high, jump, jumpError], length);
      room.set(change, length + FIELD.change);
      room.set([row, layer, unit], length + FIELD.row);
      length += RECORD;
    },
    records: () => room.slice(0, length),
  };
}
