import type { DecodedColumn } from "../format/table-file.js";
import type { RandomAccessFile } from "../format/types.js";
import { readBuffer, type RecordBatch } from "./record-batch.js";
import type { ArrowField, NumberKind } from "./schema.js";
import { arrowNumbers, KIND_BYTES } from "./values.js";

/** Consecutive columns of one field: a single column, or some of a fixed-size list's. */
export interface Span {
  field: ArrowField;
  /** Position in the list of the first column, and the number of columns. */
  item: number;
  count: number;
}

/** The indices of a field's buffers in a record batch. */
export function buffersOf(
  { values, validity, listValidity, viewsBefore }: ArrowField,
  { variadic }: RecordBatch,
): Pick<ArrowField, "values" | "validity" | "listValidity"> {
  const further = variadic.slice(0, viewsBefore).reduce((sum, count) => sum + count, 0);
  return {
    values: values + further,
    validity: validity + further,
    listValidity: listValidity === undefined ? undefined : listValidity + further,
  };
}

/** What a record batch has of some rows of a field. */
export interface FieldBytes {
  values: Uint8Array<ArrayBuffer>;
  validity: Bitmap;
  listValidity: Bitmap;
}

/** Reads rows from … to−1 of a field. */
export function readField(
  file: RandomAccessFile,
  batch: RecordBatch,
  field: ArrowField,
  from: number,
  to: number,
): FieldBytes {
  const { listSize: width = 1 } = field;
  const { values, validity, listValidity } = buffersOf(field, batch);
  return {
    values: readValues(file, batch, values, storedKind(field), from * width, to * width),
    validity: readBitmap(file, batch, validity, from * width, to * width),
    listValidity:
      listValidity === undefined ? undefined : readBitmap(file, batch, listValidity, from, to),
  };
}

/** Values from … to−1 of a buffer; bits become bytes. */
function readValues(
  file: RandomAccessFile,
  batch: RecordBatch,
  index: number,
  kind: NumberKind,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  if (kind === "bool") {
    const bits = readBitmap(file, batch, index, from, to);
    if (bits === undefined && to > from) throw new Error(ABSENT);
    return Uint8Array.from({ length: to - from }, (_, at) => (bits!(at) ? 1 : 0));
  }
  const bytes = readBuffer(file, batch, index, from * KIND_BYTES[kind], to * KIND_BYTES[kind]);
  if (bytes === undefined && to > from) throw new Error(ABSENT);
  return bytes ?? new Uint8Array(0);
}

const ABSENT = "its values are not there";

/** How the numbers of a field's own buffer are stored: of a dictionary, those of the indices. */
function storedKind({ kind, dictionary, type }: ArrowField): NumberKind {
  if (kind === undefined) throw new Error(`it is ${type}, which is not numeric`);
  return dictionary?.index ?? kind;
}

/** The columns of a field of which bytes were read; of a dictionary, the indices. */
export function decodeSpan(
  { values: bytes, validity, listValidity }: FieldBytes,
  { field, item, count }: Span,
  rows: number,
): DecodedColumn[] {
  return Array.from({ length: count }, (_, index) => {
    const numbers = arrowNumbers(bytes, { ...field, kind: storedKind(field) }, item + index, rows);
    const missing = missingRows(rows, [
      { bits: validity, stride: field.listSize ?? 1, first: item + index },
      { bits: listValidity, stride: 1, first: 0 },
    ]);
    missing?.forEach((isMissing, row) => {
      if (isMissing === 1) numbers.values[row] = NaN;
    });
    return { ...numbers, ...(missing && { missing }) };
  });
}

/** Bits from … to−1 of a bitmap; undefined where it is empty, as no value is missing. */
type Bitmap = ((bit: number) => boolean) | undefined;

function readBitmap(
  file: RandomAccessFile,
  batch: RecordBatch,
  index: number,
  from: number,
  to: number,
): Bitmap {
  if (from === to) return undefined;
  const bytes = readBuffer(file, batch, index, Math.floor(from / 8), Math.ceil(to / 8));
  if (bytes === undefined) return undefined;
  const shift = from % 8;
  return (bit) => ((bytes[(bit + shift) >> 3]! >> ((bit + shift) & 7)) & 1) === 1;
}

/** Marks the rows whose bit in any of the bitmaps is 0; undefined if there are none. */
function missingRows(
  rows: number,
  bitmaps: readonly { bits: Bitmap; stride: number; first: number }[],
): Uint8Array | undefined {
  let missing: Uint8Array | undefined;
  for (const { bits, stride, first } of bitmaps) {
    if (bits === undefined) continue;
    for (let row = 0; row < rows; row++) {
      if (bits(row * stride + first)) continue;
      missing ??= new Uint8Array(rows);
      missing[row] = 1;
    }
  }
  return missing;
}
