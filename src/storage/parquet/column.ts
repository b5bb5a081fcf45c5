import type { ColumnMetaData, SchemaTree } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { parquetHeader, readPage } from "hyparquet/src/column.js";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { failure } from "../../common/errors.js";
import { prepareCompression, zstdDecompress } from "../format/compression.js";
import { bigEndianInteger, decimalToNumber } from "../format/decimal.js";
import type { DecodedColumn } from "../format/decoded-block.js";
import type { RandomAccessFile } from "../format/types.js";

/** A page of more values than any writer makes would claim memory that the file does not justify. */
const PAGE_VALUES = 2 ** 24;
/** A page this large, or larger only where its compressed bytes can hold it. */
const PAGE_BYTES = 16 * 1024 * 1024;
const LARGEST_RATIO = 1024;
const LARGEST_PAGE = 1024 * 1024 * 1024;
/** A page's header with its statistics. */
const HEADER_BYTES = 16 * 1024;

type Decoded = ReturnType<typeof convert>;

const DECOMPRESSORS = { ...compressors, ZSTD: zstdDecompress };

/**
 * Reads and decodes the pages of a column chunk that hold rows from … to−1; others are passed over.
 * One column after the other: what cannot be decoded is thrown to the caller, whereas hyparquet's own
 * reading has columns under way whose failures nobody waits for.
 *
 * @param leaf the column's schema, of `root`
 * @param pagesAreCompressed whether pages of version 2 are compressed even where their headers deny it
 */
export async function decodeColumn(
  file: RandomAccessFile,
  meta: ColumnMetaData,
  leaf: SchemaTree,
  from: number,
  to: number,
  root: SchemaTree,
  pagesAreCompressed = false,
): Promise<DecodedColumn> {
  if (meta.codec === "ZSTD") await prepareCompression("zstd");
  const { type } = leaf.element;
  const scale = decimalScale(leaf);
  // Decimals are decoded here: hyparquet multiplies by a power of ten, which rounds twice.
  const element =
    scale === undefined
      ? leaf.element
      : { ...leaf.element, converted_type: undefined, logical_type: undefined };
  if (type === undefined || meta.type !== type) {
    throw new Error(`it is ${meta.type}, but the schema says ${type}`);
  }
  const first = Number(meta.data_page_offset);
  const dictionaryAt = Number(meta.dictionary_page_offset ?? 0);
  const start = dictionaryAt > 0 ? Math.min(first, dictionaryAt) : first;
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 4 && end > start && end <= file.size)) {
    throw failure(`${file.path} is damaged: it names bytes outside itself.`);
  }
  const decoder = {
    pathInSchema: leaf.path,
    type,
    element,
    schemaPath: [root, leaf],
    codec: meta.codec,
    parsers: DEFAULT_PARSERS,
    compressors: DECOMPRESSORS,
    utf8: false,
  };
  const isSingle = type === "FLOAT" || element.logical_type?.type === "FLOAT16";
  const values = isSingle ? new Float32Array(to - from) : new Float64Array(to - from);
  const target: PageTarget = { values, residuals: undefined, at: 0, scale };
  let missing: Uint8Array | undefined;
  let dictionary: Decoded | undefined;
  let row = 0;
  for (let place = start; place < end && row < to;) {
    const view = new DataView(file.read(place, Math.min(HEADER_BYTES, end - place)).buffer);
    const reader = { view, offset: 0 };
    const header = parquetHeader(reader);
    const count = Number(
      header.data_page_header?.num_values ??
        header.data_page_header_v2?.num_values ??
        header.dictionary_page_header?.num_values ??
        0,
    );
    const packed = Number(header.compressed_page_size);
    const unpacked = Number(header.uncompressed_page_size);
    const body = place + reader.offset;
    place = body + packed;
    if (!(packed >= 0 && place <= end)) throw new Error("a page is cut");
    if (!(count >= 0 && count <= PAGE_VALUES)) {
      throw new Error(`a page of ${count} values is larger than vadi reads (${PAGE_VALUES})`);
    }
    if (!(unpacked >= 0 && unpacked <= LARGEST_PAGE)) {
      throw new Error(`a page cannot have ${unpacked} bytes`);
    }
    if (unpacked > Math.max(PAGE_BYTES, packed * LARGEST_RATIO)) {
      throw new Error(`a page of ${packed} bytes cannot hold ${unpacked}`);
    }
    const isData = header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2";
    if (!isData && header.type !== "DICTIONARY_PAGE") continue;
    if (isData && row + count <= from) {
      row += count;
      continue;
    }
    if (pagesAreCompressed && header.data_page_header_v2 !== undefined) {
      header.data_page_header_v2.is_compressed = true;
    }
    const page = file.read(body, packed);
    const pageReader = { view: new DataView(page.buffer), offset: 0 };
    const { data } = readPage(pageReader, header, decoder, dictionary, undefined, 0);
    if (data === undefined) throw new Error("a page has no values");
    if (!isData) {
      dictionary = convert(data, decoder);
      continue;
    }
    if (data.length !== count) throw new Error("a page has another number of values than it says");
    const begin = Math.max(from, row);
    const stop = Math.min(to, row + count);
    target.at = begin - from;
    missing = putValues(data, begin - row, stop - begin, target, missing);
    row += count;
  }
  if (row < to) throw new Error("it has too few values for its rows");
  const nulls = missing;
  return {
    values,
    ...(target.residuals && { residuals: target.residuals }),
    ...(nulls && {
      describe: (at: number) => (nulls[at] === 1 ? "missing (null)" : "not a number"),
    }),
  };
}

/** Where a page's values go. */
interface PageTarget {
  values: Float32Array | Float64Array;
  /** What rounding to float64 took from 64-bit integers; made for the first that it took something from. */
  residuals: Float64Array | undefined;
  /** The row of the first value. */
  at: number;
  /** Of decimals: the digits behind the point. */
  scale: number | undefined;
}

/** The scale of a column of decimals; undefined for other columns. */
function decimalScale({ element }: SchemaTree): number | undefined {
  const { converted_type: converted, logical_type: logical, scale } = element;
  if (logical?.type === "DECIMAL") return logical.scale;
  return converted === "DECIMAL" ? (scale ?? 0) : undefined;
}

function decimalOf(value: unknown, scale: number): unknown {
  if (typeof value === "number" || typeof value === "bigint") return decimalToNumber(value, scale);
  return value instanceof Uint8Array ? decimalToNumber(bigEndianInteger(value), scale) : value;
}

/** Copies a page's values; those that are missing become NaN and are marked. */
function putValues(
  page: ArrayLike<unknown>,
  from: number,
  count: number,
  target: PageTarget,
  marks: Uint8Array | undefined,
): Uint8Array | undefined {
  const { values, at, scale } = target;
  if (
    scale === undefined &&
    (page instanceof Float32Array ||
      page instanceof Float64Array ||
      page instanceof Int32Array ||
      page instanceof Uint8Array)
  ) {
    values.set(page.subarray(from, from + count), at);
    return marks;
  }
  let missing = marks;
  for (let index = 0; index < count; index++) {
    const value = scale === undefined ? page[from + index] : decimalOf(page[from + index], scale);
    if (typeof value === "number") values[at + index] = value;
    else if (typeof value === "bigint") {
      const rounded = Number(value);
      values[at + index] = rounded;
      if (!Number.isSafeInteger(rounded)) {
        target.residuals ??= new Float64Array(values.length);
        target.residuals[at + index] = Number(value - BigInt(rounded));
      }
    } else {
      missing ??= new Uint8Array(values.length);
      missing[at + index] = 1;
      values[at + index] = NaN;
    }
  }
  return missing;
}
