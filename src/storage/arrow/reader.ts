import { failure, reasonOf, VadiError } from "../../common/errors.js";
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
import { createDictionaryCache, lookUp } from "./dictionaries.js";
import { buffersOf, decodeSpan, readField, type FieldBytes, type Span } from "./field-values.js";
import { readLayout, type ArrowLayout } from "./layout.js";
import { readRecordBatch, type RecordBatch } from "./record-batch.js";
import type { ArrowField, NumberKind } from "./schema.js";
import { isDecimal, KIND_BYTES } from "./values.js";

/** Opens an Arrow IPC file or stream: reads and checks its schema and the headers of its record batches. */
export function openArrowFile(file: RandomAccessFile): TableFile {
  const { path } = file;
  let layout: ArrowLayout;
  let groups: number[];
  try {
    layout = readLayout(file);
    groups = layout.batches.map((location) => readRecordBatch(file, location).rows);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(`${path} is not a readable Arrow file or stream: ${reasonOf(error)}.`, error);
  }
  const { fields, batches } = layout;
  return {
    columns: () => fields.flatMap(describeColumns),
    groups,
    entries: batches.length * 5 + fields.length * 10,
    select: (columns) => createColumnReader(path, layout, spansOf(fields, columns)),
  };
}

function describeColumns({ name, type, kind, listSize }: ArrowField): FileColumn[] {
  const column = {
    type,
    numeric: kind !== undefined,
    numberType: numberTypeOf(kind),
    exact: kind === undefined || isDecimal(kind) || !/^u?int(?:32|64)$/.test(kind),
  };
  if (listSize === undefined) return [{ name, ...column }];
  return Array.from({ length: listSize }, (_, item) => ({ name: `${name}${item}`, ...column }));
}

function numberTypeOf(kind: NumberKind | undefined): NumberType {
  if (kind === undefined || kind === "double" || isDecimal(kind)) return "float64";
  if (kind === "bool") return "uint8";
  return kind === "half" || kind === "single" ? "float32" : kind;
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
  { batches, dictionaries }: ArrowLayout,
  spans: readonly Span[],
): ColumnReader {
  const valuesOf = createDictionaryCache();
  return {
    plain(file, group) {
      const batch = readRecordBatch(file, batches[group]!);
      const columns = spans.flatMap((span) => plainColumn(file, batch, span) ?? []);
      return columns.length === spans.length ? columns : undefined;
    },
    async decode(file, group, from, to) {
      const batch = readRecordBatch(file, batches[group]!);
      // The columns of a fixed-size list share their buffers.
      const lists = new Map<ArrowField, FieldBytes>();
      const columns: DecodedColumn[] = [];
      for (const span of spans) {
        const { field } = span;
        try {
          if (batch.codec === "ZSTD") await prepareCompression("zstd");
          const bytes = lists.get(field) ?? readField(file, batch, field, from, to);
          if (field.listSize !== undefined) lists.set(field, bytes);
          const decoded = decodeSpan(bytes, span, to - from);
          if (field.dictionary === undefined) columns.push(...decoded);
          else {
            const values = await valuesOf(file, dictionaries[group]!, field);
            columns.push(lookUp(decoded[0]!, values));
          }
        } catch (error) {
          if (error instanceof VadiError) throw error;
          throw failure(
            `Could not read column ${field.name} in record batch ${group} of ${path}: ${reasonOf(error)}.`,
            error,
          );
        }
      }
      return columns;
    },
  };
}

/** Where a span's values are in the file, if they are floats, uncompressed, without a bitmap of missing values. */
function plainColumn(
  { size }: RandomAccessFile,
  batch: RecordBatch,
  { field, count }: Span,
): PlainColumn | undefined {
  const { kind, dictionary, listSize: width = 1 } = field;
  const isPlain = (kind === "single" || kind === "double") && dictionary === undefined;
  if (!isPlain || count !== width || batch.codec !== undefined) return undefined;
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
