import { failure, messageOf, VadiError } from "../../common/errors.js";
import { prepareCompression } from "../format/compression.js";
import type { NumberType } from "../format/number-type.js";
import type {
  ColumnReader,
  DecodedColumn,
  FileColumn,
  PlainColumn,
  TableFile,
} from "../format/table-file.js";
import type { RandomAccessFile } from "../format/types.js";
import { flatBuffer, rootTable, tableAt } from "./flatbuffers.js";
import { readArrowFooter, readBatchLocations, type BatchLocation } from "./footer.js";
import { readBuffer, readRecordBatch, type RecordBatch } from "./record-batch.js";
import { readArrowFields, type ArrowField, type NumberKind } from "./schema.js";
import { isDecimal, KIND_BYTES, arrowNumbers } from "./values.js";

/** Opens an Arrow IPC file: reads and checks its footer and the headers of its record batches. */
export function openArrowFile(file: RandomAccessFile): TableFile {
  const { path } = file;
  let fields: ArrowField[];
  let locations: BatchLocation[];
  let groups: number[];
  try {
    const footer = flatBuffer(readArrowFooter(file));
    // Fields of the footer: version 0, schema 1, dictionaries 2, record batches 3.
    const root = rootTable(footer);
    fields = readArrowFields(footer, tableAt(footer, root.field(1)));
    locations = readBatchLocations(footer, root.field(3));
    groups = locations.map((location) => readRecordBatch(file, location).rows);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(`${path} is not a readable Arrow file: ${messageOf(error)}.`, error);
  }
  return {
    columns: () => fields.flatMap(describeColumns),
    groups,
    entries: locations.length * 4 + fields.length * 10,
    select: (columns) => createColumnReader(path, locations, spansOf(fields, columns)),
  };
}

function describeColumns({ name, type, kind, listSize }: ArrowField): FileColumn[] {
  const column = {
    type,
    numeric: kind !== undefined,
    numberType: numberTypeOf(kind),
    exact: kind === undefined || isDecimal(kind) || !/32$|64$/.test(kind),
  };
  if (listSize === undefined) return [{ name, ...column }];
  return Array.from({ length: listSize }, (_, item) => ({ name: `${name}${item}`, ...column }));
}

function numberTypeOf(kind: NumberKind | undefined): NumberType {
  if (kind === undefined || kind === "double" || isDecimal(kind)) return "float64";
  return kind === "half" || kind === "single" ? "float32" : kind;
}

/** Consecutive columns of one field: a single column, or some of a fixed-size list's. */
interface Span {
  field: ArrowField;
  /** Position in the list of the first column, and the number of columns. */
  item: number;
  count: number;
}

function spansOf(fields: readonly ArrowField[], columns: readonly number[]): Span[] {
  const all = fields.flatMap((field) =>
    Array.from({ length: field.listSize ?? 1 }, (_, item) => ({ field, item })),
  );
  const spans: Span[] = [];
  for (const column of columns) {
    const { field, item } = all[column]!;
    const last = spans.at(-1);
    if (last?.field === field && last.item + last.count === item) last.count++;
    else spans.push({ field, item, count: 1 });
  }
  return spans;
}

function createColumnReader(
  path: string,
  locations: readonly BatchLocation[],
  spans: readonly Span[],
): ColumnReader {
  return {
    plain(file, group) {
      const batch = readRecordBatch(file, locations[group]!);
      const columns = spans.flatMap((span) => plainColumn(file, batch, span) ?? []);
      return columns.length === spans.length ? columns : undefined;
    },
    async decode(file, group, from, to) {
      const batch = readRecordBatch(file, locations[group]!);
      if (batch.codec === "ZSTD") await prepareCompression("zstd");
      // The columns of a fixed-size list share their buffers.
      const lists = new Map<ArrowField, FieldBytes>();
      return spans.flatMap((span) => {
        try {
          const { field } = span;
          const bytes = lists.get(field) ?? readField(file, batch, field, from, to);
          if (field.listSize !== undefined) lists.set(field, bytes);
          return decodeSpan(bytes, span, to - from);
        } catch (error) {
          if (error instanceof VadiError) throw error;
          const { name } = span.field;
          throw failure(
            `Could not read column ${name} in record batch ${group} of ${path}: ${messageOf(error)}.`,
            error,
          );
        }
      });
    },
  };
}

/** Where a span's values are in the file, if they are floats, uncompressed, without a bitmap of missing values. */
function plainColumn(
  { size }: RandomAccessFile,
  batch: RecordBatch,
  { field, count }: Span,
): PlainColumn | undefined {
  const { kind, listSize: width = 1 } = field;
  if ((kind !== "single" && kind !== "double") || count !== width || batch.codec !== undefined) {
    return undefined;
  }
  const { values, validity, listValidity = validity } = buffersOf(field, batch);
  const bitmaps = [validity, listValidity];
  if (bitmaps.some((bitmap) => batch.buffer(bitmap).bytes !== 0)) return undefined;
  const { offset, bytes } = batch.buffer(values);
  const needed = batch.rows * width * KIND_BYTES[kind];
  const position = batch.body + offset;
  if (offset < 0 || needed > bytes || position + needed > size) return undefined;
  return {
    type: kind === "single" ? "float32" : "float64",
    width,
    runs: [{ firstRow: 0, rows: batch.rows, position }],
  };
}

/** The indices of a field's buffers in a record batch. */
function buffersOf(
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
interface FieldBytes {
  values: Uint8Array<ArrayBuffer>;
  validity: Bitmap;
  listValidity: Bitmap;
}

function readField(
  file: RandomAccessFile,
  batch: RecordBatch,
  field: ArrowField,
  from: number,
  to: number,
): FieldBytes {
  const { kind, listSize: width = 1 } = field;
  if (kind === undefined) throw new Error(`it is ${field.type}, which is not numeric`);
  const { values, validity, listValidity } = buffersOf(field, batch);
  const rowBytes = width * KIND_BYTES[kind];
  const bytes = readBuffer(file, batch, values, from * rowBytes, to * rowBytes);
  if (bytes === undefined && to > from) throw new Error("its values are not there");
  return {
    values: bytes ?? new Uint8Array(0),
    validity: readBitmap(file, batch, validity, from * width, to * width),
    listValidity:
      listValidity === undefined ? undefined : readBitmap(file, batch, listValidity, from, to),
  };
}

function decodeSpan(
  { values: bytes, validity, listValidity }: FieldBytes,
  { field, item, count }: Span,
  rows: number,
): DecodedColumn[] {
  return Array.from({ length: count }, (_, index) => {
    const numbers = arrowNumbers(bytes, field, item + index, rows);
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
  const bytes = readBuffer(file, batch, index, from >> 3, ((to - 1) >> 3) + 1);
  if (bytes === undefined) return undefined;
  const shift = from & 7;
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
