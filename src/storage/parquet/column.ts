import type { SchemaElement } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { readPage } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { prepareCompression, zstdDecompress } from "../format/compression.js";
import { bigEndianInteger, decimalToNumber } from "../format/decimal.js";
import type { DecodedColumn } from "../format/table-file.js";
import type { RandomAccessFile } from "../format/types.js";
import { checkPage } from "./check-page.js";
import { pagesOf, type ColumnChunk, type DataPage } from "./column-chunk.js";

type Decoded = ReturnType<typeof convert>;
type Decoder = Parameters<typeof readPage>[2];

const DECOMPRESSORS = { ...compressors, ZSTD: zstdDecompress };

/**
 * parquet-cpp before Arrow 3.0 compressed data pages of version 2 and said in their headers that they
 * are not (ARROW-10353); from then on it is called parquet-cpp-arrow.
 */
const EARLY_CPP = /^parquet-cpp version 1\./;

/**
 * Decodes rows from … to−1 of a column chunk; pages with other rows are passed over. Columns are
 * decoded one after the other, so that what cannot be decoded is thrown to the caller: hyparquet's
 * own reading has several columns under way, whose failures nobody would catch.
 */
export async function decodeColumn(
  file: RandomAccessFile,
  chunk: ColumnChunk,
  from: number,
  to: number,
): Promise<DecodedColumn> {
  const { meta, createdBy } = chunk;
  if (meta.codec === "ZSTD") await prepareCompression("zstd");
  const decoder = decoderOf(chunk);
  const column = createCollector(decoder, decimalScale(chunk.leaf.element), to - from);
  let dictionary: Decoded | undefined;
  let row = 0;
  for (const page of pagesOf(file, chunk)) {
    const { header, count } = page;
    if (header.type === "DICTIONARY_PAGE") {
      dictionary = convert(valuesOf(file, page, decoder, undefined), decoder);
    }
    if (header.type !== "DATA_PAGE" && header.type !== "DATA_PAGE_V2") continue;
    if (row + count > from) {
      const v2 = header.data_page_header_v2;
      if (v2 !== undefined && EARLY_CPP.test(createdBy)) v2.is_compressed = true;
      const values = valuesOf(file, page, decoder, dictionary);
      if (values.length !== count) {
        throw new Error("a page has another number of values than it says");
      }
      const begin = Math.max(from, row);
      const end = Math.min(to, row + count);
      column.put(values, begin - row, end - begin, begin - from);
    }
    row += count;
    if (row >= to) return column.finish();
  }
  throw new Error("it has too few values for its rows");
}

/** What hyparquet decodes a chunk's pages by. */
function decoderOf({ meta, leaf, root }: ColumnChunk): Decoder {
  const { type } = leaf.element;
  if (type === undefined || meta.type !== type) {
    throw new Error(`it is ${meta.type ?? "of no type"}, but the schema says ${type ?? "none"}`);
  }
  // Decimals are scaled here: hyparquet multiplies by a power of ten, which rounds twice.
  const element =
    decimalScale(leaf.element) === undefined
      ? leaf.element
      : { ...leaf.element, converted_type: undefined, logical_type: undefined };
  return {
    pathInSchema: leaf.path,
    type,
    element,
    schemaPath: [root, leaf],
    codec: meta.codec,
    parsers: DEFAULT_PARSERS,
    compressors: DECOMPRESSORS,
    utf8: false,
  };
}

function valuesOf(
  file: RandomAccessFile,
  { header, position, bytes }: DataPage,
  decoder: Decoder,
  dictionary: Decoded | undefined,
): Decoded {
  const page = unpack(file.read(position, bytes), header, decoder);
  const v2 = header.data_page_header_v2;
  const isOptional = decoder.element.repetition_type !== "REQUIRED";
  if (header.type !== "DICTIONARY_PAGE") {
    const { num_values: count, encoding } = (v2 ?? header.data_page_header)!;
    const repetition = v2?.repetition_levels_byte_length ?? 0;
    const definition = v2?.definition_levels_byte_length ?? 0;
    checkPage({
      bytes: page,
      encoding,
      count,
      levels: isOptional ? repetition : undefined,
      values: v2 && repetition + definition,
    });
  }
  const unpacked = {
    ...header,
    compressed_page_size: page.length,
    uncompressed_page_size: page.length,
    ...(v2 && { data_page_header_v2: { ...v2, is_compressed: false } }),
  };
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.length), offset: 0 };
  const plain = { ...decoder, codec: "UNCOMPRESSED" } as const;
  const { data } = readPage(reader, unpacked, plain, dictionary, undefined, 0);
  if (data === undefined) throw new Error("a page has no values");
  return data;
}

/** A page's bytes, uncompressed. In version 2 the levels in front are not compressed. */
function unpack(
  bytes: Uint8Array,
  { type, uncompressed_page_size: size, data_page_header_v2: v2 }: DataPage["header"],
  { codec, compressors: known }: Decoder,
): Uint8Array {
  if (type !== "DATA_PAGE_V2") return decompressPage(bytes, Number(size), codec, known);
  if (v2 === undefined) throw new Error("a page has no header");
  if (v2.is_compressed === false) return bytes;
  const levels = v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
  const page = decompressPage(bytes.subarray(levels), Number(size) - levels, codec, known);
  return Buffer.concat([bytes.subarray(0, levels), page]);
}

/** The scale of a column of decimals: the digits behind the point. Undefined for other columns. */
function decimalScale(element: SchemaElement): number | undefined {
  const { converted_type: converted, logical_type: logical, scale } = element;
  if (logical?.type === "DECIMAL") return logical.scale;
  return converted === "DECIMAL" ? (scale ?? 0) : undefined;
}

/** Collects the values of pages as floats. */
interface Collector {
  /** Takes `count` values of a page from `from` on as the column's values from `at` on. */
  put(page: ArrayLike<unknown>, from: number, count: number, at: number): void;
  finish(): DecodedColumn;
}

function createCollector(
  { type, element }: Decoder,
  scale: number | undefined,
  rows: number,
): Collector {
  const isSingle = type === "FLOAT" || element.logical_type?.type === "FLOAT16";
  const values = isSingle ? new Float32Array(rows) : new Float64Array(rows);
  // Allocated for the first value that needs them.
  let residuals: Float64Array | undefined;
  let missing: Uint8Array | undefined;

  const putValue = (value: unknown, at: number): void => {
    if (typeof value === "number") values[at] = value;
    else if (typeof value === "boolean") values[at] = value ? 1 : 0;
    else if (typeof value === "bigint") {
      const rounded = Number(value);
      values[at] = rounded;
      if (Number.isSafeInteger(rounded)) return;
      residuals ??= new Float64Array(rows);
      residuals[at] = Number(value - BigInt(rounded));
    } else {
      missing ??= new Uint8Array(rows);
      missing[at] = 1;
      values[at] = NaN;
    }
  };

  return {
    put(page, from, count, at) {
      if (scale === undefined && isNumbers(page)) {
        values.set(page.subarray(from, from + count), at);
        return;
      }
      for (let index = 0; index < count; index++) {
        const value = page[from + index];
        putValue(scale === undefined ? value : decimalOf(value, scale), at + index);
      }
    },
    finish: () => ({ values, ...(residuals && { residuals }), ...(missing && { missing }) }),
  };
}

function isNumbers(
  page: ArrayLike<unknown>,
): page is Float32Array | Float64Array | Int32Array | Uint8Array {
  return (
    page instanceof Float32Array ||
    page instanceof Float64Array ||
    page instanceof Int32Array ||
    page instanceof Uint8Array
  );
}

function decimalOf(value: unknown, scale: number): unknown {
  if (typeof value === "number" || typeof value === "bigint") return decimalToNumber(value, scale);
  return value instanceof Uint8Array ? decimalToNumber(bigEndianInteger(value), scale) : value;
}
