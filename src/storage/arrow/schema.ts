import { tableAt, type Bytes, type FlatTable } from "./flatbuffers.js";

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
  | "decimal256"
  /** A bit each. */
  | "bool";

/** A top-level field of the schema, and which buffers of a record batch hold its values. */
export interface ArrowField {
  name: string;
  /** For messages. */
  type: string;
  /** How its numbers are stored, or those of its dictionary; undefined where it holds no numbers. */
  kind: NumberKind | undefined;
  /** The dictionary of which its values are indices, and how these are stored. */
  dictionary: { id: number; index: NumberKind } | undefined;
  /** Of decimals: the digits behind the point. */
  scale: number;
  /** The size of a fixed-size list of numbers, which counts as that many columns; else undefined. */
  listSize: number | undefined;
  /** Index of the buffer of the values, and of the bitmap that says which of them are there. */
  values: number;
  validity: number;
  /** Index of the bitmap of the lists themselves. */
  listValidity: number | undefined;
  /** View columns before this one: each has further buffers, counted in the record batch. */
  viewsBefore: number;
}

/** Larger fixed-size lists are not read as columns. */
const LIST_SIZE = 1_000_000;
const NESTING = 64;
const MOST_FIELDS = 2 ** 22;

/** What the fields before the current one have in a record batch. */
interface Cursor {
  fields: number;
  buffers: number;
  views: number;
}

/** Buffers of a type; 2 for those that are not listed. */
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
 * Reads the fields of a schema.
 *
 * @throws where the bytes are no schema
 */
export function readArrowFields(bytes: Bytes, schema: FlatTable | undefined): ArrowField[] {
  if (schema === undefined) throw new Error("it has no schema");
  const endianness = schema.field(0);
  if (endianness !== undefined && bytes.view.getInt16(endianness, true) !== 0) {
    throw new Error("it is big-endian, which vadi cannot read");
  }
  const cursor: Cursor = { fields: 0, buffers: 0, views: 0 };
  return tablesAt(bytes, schema.field(1)).map((field) => {
    const here = { ...cursor };
    skipField(bytes, field, cursor, 0);
    return describeField(bytes, field, here);
  });
}

/** A field that starts at the cursor. Fields of a Field: name 0, type 2 and 3, dictionary 4, children 5. */
function describeField(bytes: Bytes, field: FlatTable, { buffers, views }: Cursor): ArrowField {
  const type = typeOf(bytes, field);
  const plain = {
    name: nameOf(bytes, field),
    scale: scaleOf(bytes, field, type),
    dictionary: undefined,
    listSize: undefined,
    validity: buffers,
    values: buffers + 1,
    listValidity: undefined,
    viewsBefore: views,
  };
  if (isDictionary(field)) {
    const kind = kindOf(bytes, field, type);
    const dictionary = dictionaryOf(bytes, field);
    return { ...plain, type: `dictionary of ${kind ?? type}`, kind, dictionary };
  }
  const list = type === "FixedSizeList" ? numbersOfList(bytes, field) : undefined;
  if (list !== undefined) {
    return {
      ...plain,
      ...list,
      type: list.kind,
      validity: buffers + 1,
      values: buffers + 2,
      listValidity: buffers,
    };
  }
  const kind = kindOf(bytes, field, type);
  return { ...plain, type: kind ?? type, kind };
}

/** The items of a fixed-size list, if they are numbers. */
function numbersOfList(
  bytes: Bytes,
  field: FlatTable,
): { kind: NumberKind; scale: number; listSize: number } | undefined {
  const sizeAt = tableAt(bytes, field.field(3))?.field(0);
  const listSize = sizeAt === undefined ? 0 : bytes.view.getInt32(sizeAt, true);
  const [item] = tablesAt(bytes, field.field(5));
  if (item === undefined || isDictionary(item) || listSize < 1 || listSize > LIST_SIZE) {
    return undefined;
  }
  const type = typeOf(bytes, item);
  const kind = kindOf(bytes, item, type);
  return kind && { kind, scale: scaleOf(bytes, item, type), listSize };
}

function isDictionary(field: FlatTable): boolean {
  return field.field(4) !== undefined;
}

/** Fields of a dictionary's encoding: id 0, type of the indices 1, which is int32 where it is left out. */
function dictionaryOf(bytes: Bytes, field: FlatTable): ArrowField["dictionary"] {
  const encoding = tableAt(bytes, field.field(4));
  const idAt = encoding?.field(0);
  const index = tableAt(bytes, encoding?.field(1));
  return {
    id: idAt === undefined ? 0 : bytes.int64(idAt),
    index: index === undefined ? "int32" : (integerKind(bytes, index) ?? "int32"),
  };
}

function tablesAt(bytes: Bytes, at: number | undefined): FlatTable[] {
  const { at: start, length } = bytes.vector(at);
  if (start + 4 * length > bytes.view.byteLength) throw new Error("its list of columns is cut");
  return Array.from({ length }, (_, index) => bytes.table(bytes.follow(start + 4 * index)));
}

function typeOf(bytes: Bytes, field: FlatTable): TypeName {
  const at = field.field(2);
  const type = TYPES[at === undefined ? 0 : bytes.view.getUint8(at)];
  if (type === undefined) throw new Error("it has a type that vadi does not know");
  return type;
}

function kindOf(bytes: Bytes, field: FlatTable, type: TypeName): NumberKind | undefined {
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
  if (type === "Bool") return "bool";
  return type === "Int" && details !== undefined ? integerKind(bytes, details) : undefined;
}

/** The kind of a type of integers. Its fields: width 0, whether it is signed 1. */
function integerKind(bytes: Bytes, details: FlatTable): NumberKind | undefined {
  const widthAt = details.field(0);
  const width = widthAt === undefined ? 0 : bytes.view.getInt32(widthAt, true);
  const signed = details.field(1);
  const prefix = signed !== undefined && bytes.view.getUint8(signed) !== 0 ? "int" : "uint";
  if (width === 8) return `${prefix}8`;
  if (width === 16) return `${prefix}16`;
  if (width === 32) return `${prefix}32`;
  return width === 64 ? `${prefix}64` : undefined;
}

const DECIMALS = ["decimal32", "decimal64", "decimal128", "decimal256"] as const;

/** The scale of a field of decimals; 0 for other types. */
function scaleOf(bytes: Bytes, field: FlatTable, type: TypeName): number {
  const at = type === "Decimal" ? tableAt(bytes, field.field(3))?.field(1) : undefined;
  return at === undefined ? 0 : bytes.view.getInt32(at, true);
}

/** A column's name may be long, but not longer than the footer. */
function nameOf(bytes: Bytes, field: FlatTable): string {
  const { at, length } = bytes.vector(field.field(0));
  if (at + length > bytes.view.byteLength) throw new Error("a column's name is cut");
  return Buffer.from(bytes.view.buffer, bytes.view.byteOffset + at, length).toString("utf8");
}

/** Moves the cursor behind a field and its children. */
function skipField(bytes: Bytes, field: FlatTable, cursor: Cursor, depth: number): void {
  if (depth > NESTING) throw new Error("its columns are nested too deeply");
  // A crafted schema could refer to one child from many fields.
  if (++cursor.fields > MOST_FIELDS) throw new Error("it has more columns than vadi reads");
  // Of a dictionary column, a record batch holds the indices only.
  if (isDictionary(field)) {
    cursor.buffers += 2;
    return;
  }
  const type = typeOf(bytes, field);
  if (type === "Union") {
    const mode = tableAt(bytes, field.field(3))?.field(0);
    cursor.buffers += mode !== undefined && bytes.view.getInt16(mode, true) === 1 ? 2 : 1;
  } else cursor.buffers += BUFFERS[type] ?? 2;
  if (type === "BinaryView" || type === "Utf8View") cursor.views++;
  for (const child of tablesAt(bytes, field.field(5))) {
    skipField(bytes, child, cursor, depth + 1);
  }
}
