/** Rows of a program: objects, each a row, an `{ x, y }` batch or an Arrow record batch. A Node stream is one. */
export type Rows = Iterable<object> | AsyncIterable<object>;

/** A row, by the names of its columns. */
export type RowObject = Readonly<Record<string, unknown>>;

/** Rows × D features, row-major, and one target per row; one row may have its target as a number. */
export interface RowBatch {
  x: ArrayLike<unknown>;
  y: ArrayLike<unknown> | number | bigint | boolean;
}

/** What is used of a record batch of apache-arrow, whichever version made it. */
export interface ArrowBatch {
  numRows: number;
  schema: { fields: readonly { name: string }[] };
  getChild(name: string): ArrowVector | null;
}

/** A column of a record batch. */
export interface ArrowVector {
  type: ArrowType;
  nullCount: number;
  length: number;
  get(row: number): unknown;
  toArray(): unknown;
}

export interface ArrowType {
  typeId: number;
  /** Of floats: 0 half, 1 single, 2 double. */
  precision?: number;
  /** Of decimals. */
  scale?: number;
  /** Of dictionaries: the type of the values. */
  dictionary?: ArrowType;
  /** Of fixed-size lists: how many items, and their field. */
  listSize?: number;
  children?: readonly { type: ArrowType }[] | null;
}

/** Whether an item has rows as `{ x, y }`; a row whose columns are x and y has numbers there. */
export function isBatch(item: object): item is RowBatch {
  const { x } = item as { x?: unknown };
  return (ArrayBuffer.isView(x) && !(x instanceof DataView)) || Array.isArray(x);
}

/** Whether an item is a record batch of Arrow. */
export function isArrowBatch(item: object): item is ArrowBatch {
  const { getChild, numRows } = item as { getChild?: unknown; numRows?: unknown };
  return typeof getChild === "function" && typeof numRows === "number";
}
