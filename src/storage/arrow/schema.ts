import { tableAt, type Bytes, type Table } from "./flatbuffers.js";

/** Numbers of the types in Arrow's Schema.fbs. */
const TYPES = [
  "none",
  "Null",
  "Int",
  "FloatingPoint",
  "Binary",
  "Utf8",
  "Bool",
  "Decimal",
  "Date",
  "Time",
  "Timestamp",
  "Interval",
  "List",
  "Struct",
  "Union",
  "FixedSizeBinary",
  "FixedSizeList",
  "Map",
  "Duration",
  "LargeBinary",
  "LargeUtf8",
  "LargeList",
  "RunEndEncoded",
  "BinaryView",
  "Utf8View",
  "ListView",
  "LargeListView",
] as const;

type TypeName = (typeof TYPES)[number];

/** How numbers lie in a buffer. */
export type NumberKind =
  | "half"
  | "single"
  | "double"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "decimal32"
  | "decimal64"
  | "decimal128"
  | "decimal256";

/** Where a column's numbers are among the nodes and buffers of a record batch. */
export interface ArrowColumn {
  name: string;
  type: string;
  /** Undefined where it holds no plain numbers. */
  kind: NumberKind | undefined;
  /** Of decimals: the digits behind the point. */
  scale: number;
  /** Its place among the numbers of a row of a fixed-size list; else 0 of 1. */
  item: number;
  width: number;
  /** Validity and values; of a list, the list's validity as well. */
  node: number;
  validity: number;
  values: number;
  listValidity: number | undefined;
  /** How many views stand before it: each has a number of further buffers of its own. */
  viewsBefore: number;
}

/** A fixed-size list of more numbers is no row of features. */
const LIST_WIDTH = 1_000_000;
const NESTING = 64;
const MOST_NODES = 2 ** 22;

interface Cursor {
  nodes: number;
  buffers: number;
  views: number;
}

const BUFFERS: Partial<Record<TypeName, number>> = {
  Null: 0,
  RunEndEncoded: 0,
  Struct: 1,
  FixedSizeList: 1,
  Binary: 3,
  Utf8: 3,
  LargeBinary: 3,
  LargeUtf8: 3,
  ListView: 3,
  LargeListView: 3,
};

/**
 * The columns of a schema, a fixed-size list of numbers as one column an item (x as x0, x1, …).
 *
 * @throws where the bytes are no schema
 */
export function readArrowColumns(bytes: Bytes, schema: Table | undefined): ArrowColumn[] {
  if (schema === undefined) throw new Error("it has no schema");
  if (schema.field(0) !== undefined && bytes.view.getInt16(schema.field(0)!, true) !== 0) {
    throw new Error("it is big-endian, which vadi cannot read");
  }
  const cursor: Cursor = { nodes: 0, buffers: 0, views: 0 };
  return fieldsAt(bytes, schema.field(1)).flatMap((field) => columnsOf(bytes, field, cursor));
}

function fieldsAt(bytes: Bytes, at: number | undefined): Table[] {
  const { at: start, length } = bytes.vector(at);
  if (start + 4 * length > bytes.view.byteLength) throw new Error("its list of columns is cut");
  return Array.from({ length }, (_, index) => bytes.table(bytes.follow(start + 4 * index)));
}

function typeOf(bytes: Bytes, field: Table): TypeName {
  const at = field.field(2);
  const type = TYPES[at === undefined ? 0 : bytes.view.getUint8(at)];
  if (type === undefined) throw new Error("it has a type that vadi does not know");
  return type;
}

function kindOf(bytes: Bytes, field: Table, type: TypeName): NumberKind | undefined {
  const details = tableAt(bytes, field.field(3));
  const first = details?.field(0);
  if (type === "FloatingPoint") {
    const precision = first === undefined ? 0 : bytes.view.getInt16(first, true);
    return (["half", "single", "double"] as const)[precision];
  }
  if (type === "Decimal") {
    const at = details?.field(2);
    const bits = at === undefined ? 128 : bytes.view.getInt32(at, true);
    return DECIMALS.find((kind) => kind === `decimal${bits}`);
  }
  if (type !== "Int") return undefined;
  const width = first === undefined ? 0 : bytes.view.getInt32(first, true);
  const signed = details?.field(1);
  const prefix = signed !== undefined && bytes.view.getUint8(signed) !== 0 ? "int" : "uint";
  if (width === 8) return `${prefix}8`;
  if (width === 16) return `${prefix}16`;
  if (width === 32) return `${prefix}32`;
  return width === 64 ? `${prefix}64` : undefined;
}

const DECIMALS = ["decimal32", "decimal64", "decimal128", "decimal256"] as const;

/** The scale of a field of decimals; 0 for other types. */
function scaleOf(bytes: Bytes, field: Table, type: TypeName): number {
  const at = type === "Decimal" ? tableAt(bytes, field.field(3))?.field(1) : undefined;
  return at === undefined ? 0 : bytes.view.getInt32(at, true);
}

function columnsOf(bytes: Bytes, field: Table, cursor: Cursor): ArrowColumn[] {
  const name = nameOf(bytes, field);
  const type = typeOf(bytes, field);
  const here = { ...cursor };
  const isDictionary = field.field(4) !== undefined;
  skip(bytes, field, cursor, 0);
  const plain = {
    name,
    scale: scaleOf(bytes, field, type),
    item: 0,
    width: 1,
    node: here.nodes,
    validity: here.buffers,
    values: here.buffers + 1,
    listValidity: undefined,
    viewsBefore: here.views,
  };
  if (isDictionary) return [{ ...plain, type: `dictionary of ${type}`, kind: undefined }];
  if (type === "FixedSizeList") {
    const size = tableAt(bytes, field.field(3))?.field(0);
    const width = size === undefined ? 0 : bytes.view.getInt32(size, true);
    const [item] = fieldsAt(bytes, field.field(5));
    const isPlain = item !== undefined && item.field(4) === undefined;
    const kind = isPlain ? kindOf(bytes, item, typeOf(bytes, item)) : undefined;
    if (kind !== undefined && width > 0 && width <= LIST_WIDTH) {
      return Array.from({ length: width }, (_, index) => ({
        ...plain,
        name: `${name}${index}`,
        type: kind,
        kind,
        scale: scaleOf(bytes, item!, typeOf(bytes, item!)),
        item: index,
        width,
        node: here.nodes + 1,
        validity: here.buffers + 1,
        values: here.buffers + 2,
        listValidity: here.buffers,
      }));
    }
  }
  const kind = kindOf(bytes, field, type);
  return [{ ...plain, type: kind ?? type, kind }];
}

/** A column's name may be long, but not longer than the footer. */
function nameOf(bytes: Bytes, field: Table): string {
  const { at, length } = bytes.vector(field.field(0));
  if (at + length > bytes.view.byteLength) throw new Error("a column's name is cut");
  return Buffer.from(bytes.view.buffer, bytes.view.byteOffset + at, length).toString("utf8");
}

/** Passes over a field's nodes and buffers in a record batch. */
function skip(bytes: Bytes, field: Table, cursor: Cursor, depth: number): void {
  if (depth > NESTING) throw new Error("its columns are nested too deeply");
  // A crafted schema could refer to one child from many places.
  if (++cursor.nodes > MOST_NODES) throw new Error("it has more columns than vadi reads");
  // Of a dictionary's column, a batch has the indices alone.
  if (field.field(4) !== undefined) {
    cursor.buffers += 2;
    return;
  }
  const type = typeOf(bytes, field);
  if (type === "Union") {
    const mode = tableAt(bytes, field.field(3))?.field(0);
    cursor.buffers += mode !== undefined && bytes.view.getInt16(mode, true) === 1 ? 2 : 1;
  } else cursor.buffers += BUFFERS[type] ?? 2;
  if (type === "BinaryView" || type === "Utf8View") cursor.views++;
  for (const child of fieldsAt(bytes, field.field(5))) skip(bytes, child, cursor, depth + 1);
}
