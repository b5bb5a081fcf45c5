import type { RowEvent } from "./row-pieces.js";

/** The numbers of an event. */
const FIELDS = ["from", "to", "low", "high", "jump", "jumpError"] as const;
type Field = (typeof FIELDS)[number];

/** The events of many rows, column by column. */
export interface EventStore {
  readonly count: number;
  column(field: Field): Float64Array;
  /** Coefficient k of the changes of the second derivative. */
  change(k: number): Float64Array;
  rows: Float64Array;
  layers: Uint16Array;
  units: Int32Array;
  /** @returns whether there was room */
  add(event: RowEvent, row: number): boolean;
}

/** Room for events, which grows up to a limit. */
export function createEventStore(most: number): EventStore {
  let room = Math.min(most, 4096);
  let columns = Array.from({ length: FIELDS.length + 5 }, () => new Float64Array(room));
  let rows = new Float64Array(room);
  let layers = new Uint16Array(room);
  let units = new Int32Array(room);
  let count = 0;

  function grow(): void {
    room = Math.min(most, room * 2);
    columns = columns.map((old) => larger(old, new Float64Array(room)));
    rows = larger(rows, new Float64Array(room));
    layers = larger(layers, new Uint16Array(room));
    units = larger(units, new Int32Array(room));
  }

  return {
    get count() {
      return count;
    },
    column: (field) => columns[FIELDS.indexOf(field)]!.subarray(0, count),
    change: (k) => columns[FIELDS.length + k]!.subarray(0, count),
    get rows() {
      return rows.subarray(0, count);
    },
    get layers() {
      return layers.subarray(0, count);
    },
    get units() {
      return units.subarray(0, count);
    },
    add(event, row) {
      if (count === most) return false;
      if (count === room) grow();
      for (const [index, field] of FIELDS.entries()) columns[index]![count] = event[field];
      for (let k = 0; k < 5; k++) columns[FIELDS.length + k]![count] = event.change[k]!;
      rows[count] = row;
      layers[count] = event.layer;
      units[count] = event.unit;
      count++;
      return true;
    },
  };
}

function larger<Values extends Float64Array | Uint16Array | Int32Array>(
  old: Values,
  room: Values,
): Values {
  room.set(old);
  return room;
}
