import type { ColumnMetaData, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { failure } from "../../common/errors.js";
import { checkThrift } from "./check-thrift.js";
import type { RandomAccessFile } from "../format/types.js";

/** More values in a page than any writer puts there would claim memory that the file does not justify. */
const PAGE_VALUES = 2 ** 24;
/** A page may be this large, and larger only where its compressed bytes can hold it. */
const PAGE_BYTES = 16 * 1024 * 1024;
const LARGEST_RATIO = 1024;
const LARGEST_PAGE = 1024 * 1024 * 1024;
/** A page's header with its statistics. */
const HEADER_BYTES = 16 * 1024;

/** A column's values in one row group. */
export interface ColumnChunk {
  meta: ColumnMetaData;
  /** The column's part of the schema, and the root. */
  leaf: SchemaTree;
  root: SchemaTree;
  /** Rows of the row group. */
  rows: number;
  /** The program that wrote the file. */
  createdBy: string;
}

/** A page of a column chunk. */
export interface DataPage {
  header: ReturnType<typeof parquetHeader>;
  /** Values, missing ones included. */
  count: number;
  /** Offset in the file of the bytes behind the header, and their number. */
  position: number;
  bytes: number;
}

/**
 * The bytes start … end−1 of the file that hold a column chunk.
 *
 * @throws a failure where they are outside the file
 */
export function chunkBytes(
  file: RandomAccessFile,
  { meta }: ColumnChunk,
): { start: number; end: number } {
  const first = Number(meta.data_page_offset);
  const dictionary = Number(meta.dictionary_page_offset ?? 0);
  const start = dictionary > 0 ? Math.min(first, dictionary) : first;
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 4 && end > start && end <= file.size)) {
    throw failure(`${file.path} is damaged: it names bytes outside itself.`);
  }
  return { start, end };
}

/**
 * Reads the headers of a column chunk's pages and checks their sizes.
 *
 * @yields the pages in order
 */
export function* pagesOf(file: RandomAccessFile, chunk: ColumnChunk): Generator<DataPage> {
  const { start, end } = chunkBytes(file, chunk);
  let left = chunk.rows;
  for (let at = start; at < end;) {
    const bytes = file.read(at, Math.min(HEADER_BYTES, end - at));
    checkThrift(bytes);
    const view = new DataView(bytes.buffer);
    const reader = { view, offset: 0 };
    const header = parquetHeader(reader);
    const page = { header, ...sizesOf(header), position: at + reader.offset };
    at = page.position + page.bytes;
    if (at > end) throw new Error("a page is cut");
    // Of a column that holds no lists, a page's values are rows; decoding them takes memory for each.
    if (header.type !== "DICTIONARY_PAGE") left -= page.count;
    if (left < 0) throw new Error("its pages have more values than the row group has rows");
    yield page;
  }
}

function sizesOf(header: DataPage["header"]): { count: number; bytes: number } {
  const {
    data_page_header: v1,
    data_page_header_v2: v2,
    dictionary_page_header: dictionary,
  } = header;
  const count = Number((v1 ?? v2 ?? dictionary)?.num_values ?? 0);
  const bytes = Number(header.compressed_page_size);
  const unpacked = Number(header.uncompressed_page_size);
  if (!(bytes >= 0)) throw new Error("a page is cut");
  if ([count, unpacked].some(Number.isNaN)) throw new Error("a page has no size");
  if (!(count >= 0 && count <= PAGE_VALUES)) {
    throw new Error(`a page of ${count} values is larger than vadi reads (${PAGE_VALUES})`);
  }
  if (!(unpacked >= 0 && unpacked <= LARGEST_PAGE)) {
    throw new Error(`a page cannot have ${unpacked} bytes`);
  }
  if (unpacked > Math.max(PAGE_BYTES, bytes * LARGEST_RATIO)) {
    throw new Error(`a page of ${bytes} bytes cannot hold ${unpacked}`);
  }
  return { count, bytes };
}
