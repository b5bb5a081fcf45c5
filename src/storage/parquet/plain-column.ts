import type { PlainColumn, PlainRun } from "../format/table-file.js";
import type { RandomAccessFile } from "../format/types.js";
import { chunkBytes, pagesOf, type ColumnChunk, type DataPage } from "./column-chunk.js";

const TYPES: Partial<Record<string, PlainColumn["type"]>> = { FLOAT: "float32", DOUBLE: "float64" };
const BYTES = { float32: 4, float64: 8 } as const;

/** The header of a page that vadi wrote is shorter. */
const OWN_HEADER_BYTES = 256;
/** Chunks of more pages are decoded: their positions would take much memory. */
const MOST_PAGES = 4096;

/**
 * Where a column chunk's values are in the file, if they are floats, plain-encoded, uncompressed and
 * none is missing. Undefined if they must be decoded.
 */
export function plainColumn(
  file: RandomAccessFile,
  chunk: ColumnChunk,
  rows: number,
): PlainColumn | undefined {
  const { meta } = chunk;
  const type = TYPES[chunk.leaf.element.type ?? ""];
  if (
    rows === 0 ||
    type === undefined ||
    meta.type !== chunk.leaf.element.type ||
    meta.codec !== "UNCOMPRESSED" ||
    meta.dictionary_page_offset !== undefined ||
    Number(meta.num_values) !== rows
  ) {
    return undefined;
  }
  const runs = chunk.createdBy.startsWith("vadi ")
    ? ownRuns(file, chunk, rows, BYTES[type])
    : pageRuns(file, chunk, rows, BYTES[type]);
  return runs && { type, width: 1, runs };
}

/** The values of a chunk that vadi wrote: a single page of plain values, which end the chunk. */
function ownRuns(
  file: RandomAccessFile,
  chunk: ColumnChunk,
  rows: number,
  size: number,
): PlainRun[] | undefined {
  const { start, end } = chunkBytes(file, chunk);
  const position = end - rows * size;
  const header = position - start;
  const isPlain = chunk.meta.encodings.every((encoding) => encoding === "PLAIN");
  if (!isPlain || header <= 0 || header >= OWN_HEADER_BYTES) return undefined;
  return [{ firstRow: 0, rows, position }];
}

/** The values of each page, as the pages' headers say. */
function pageRuns(
  file: RandomAccessFile,
  chunk: ColumnChunk,
  rows: number,
  size: number,
): PlainRun[] | undefined {
  const runs: PlainRun[] = [];
  let firstRow = 0;
  for (const page of pagesOf(file, chunk)) {
    const levels = levelBytes(file, chunk, page);
    // Values that are missing take no bytes, so none is missing where there are enough bytes for all.
    if (levels === undefined || page.bytes - levels !== page.count * size) return undefined;
    runs.push({ firstRow, rows: page.count, position: page.position + levels });
    firstRow += page.count;
    if (runs.length > MOST_PAGES) return undefined;
  }
  return firstRow === rows ? runs : undefined;
}

/** Bytes of the levels before the values of a plain-encoded data page; undefined for other pages. */
function levelBytes(
  file: RandomAccessFile,
  { leaf }: ColumnChunk,
  { header, position, bytes }: DataPage,
): number | undefined {
  const { data_page_header: v1, data_page_header_v2: v2 } = header;
  if (header.type === "DATA_PAGE_V2" && v2?.encoding === "PLAIN") {
    return v2.definition_levels_byte_length + v2.repetition_levels_byte_length;
  }
  if (header.type !== "DATA_PAGE" || v1?.encoding !== "PLAIN") return undefined;
  if (leaf.element.repetition_type === "REQUIRED") return 0;
  // The levels of an optional column start with their length.
  if (v1.definition_level_encoding !== "RLE" || bytes < 4) return undefined;
  return 4 + new DataView(file.read(position, 4).buffer).getUint32(0, true);
}
