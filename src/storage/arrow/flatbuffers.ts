/*
 * Reads the FlatBuffers tables of Arrow's metadata (Schema.fbs, Message.fbs and File.fbs). A generated
 * decoder follows whatever lengths a damaged file claims. Here callers compare every length with the
 * bytes that are there before they read, and DataView refuses what lies outside them.
 */

/** A FlatBuffers table: fields by their number in the schema. */
export interface FlatTable {
  /** Offset of a field's value; undefined where it has its default. */
  field(index: number): number | undefined;
}

/** Bytes that hold FlatBuffers tables. */
export interface Bytes {
  view: DataView;
  table(at: number): FlatTable;
  /** The offset that a reference points to. */
  follow(at: number): number;
  /** Start and length of the vector that a field refers to; empty where there is none. */
  vector(at: number | undefined): { at: number; length: number };
  /** A 64-bit integer that a double holds exactly; anything else is damage. */
  int64(at: number): number;
}

export function flatBuffer(bytes: Uint8Array): Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const follow = (at: number): number => at + view.getUint32(at, true);
  return {
    view,
    follow,
    vector(at) {
      if (at === undefined) return { at: 0, length: 0 };
      const start = follow(at);
      return { at: start + 4, length: view.getUint32(start, true) };
    },
    table(at) {
      const fields = at - view.getInt32(at, true);
      const size = view.getUint16(fields, true);
      return {
        field(index) {
          const entry = 4 + 2 * index;
          const offset = entry < size ? view.getUint16(fields + entry, true) : 0;
          return offset === 0 ? undefined : at + offset;
        },
      };
    },
    int64(at) {
      const value = Number(view.getBigInt64(at, true));
      if (!Number.isSafeInteger(value)) throw new Error("a length is absurd");
      return value;
    },
  };
}

/** The table that a field refers to. */
export function tableAt(bytes: Bytes, at: number | undefined): FlatTable | undefined {
  return at === undefined ? undefined : bytes.table(bytes.follow(at));
}

/** The table that is the root of the bytes. */
export function rootTable(bytes: Bytes): FlatTable {
  return bytes.table(bytes.follow(0));
}
