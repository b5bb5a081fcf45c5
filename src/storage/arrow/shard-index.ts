import { failure } from "../../common/errors.js";
import { readFooterBlocks, readRecordBatchHeader } from "./flatbuffers.js";
import type { RandomAccessFile, ShardIndex } from "../format/types.js";
import { standardizeRows, type Floats } from "../format/standardize.js";

const MAGIC = "ARROW1";
/** Footer length (int32) and magic at the end of the file. */
const TAIL_BYTES = 4 + MAGIC.length;
/** Larger footers than this are not vadi's: a shard has at most some hundred record batches. */
const FOOTER_BYTES = 64 * 1024 * 1024;
/** A record batch's header has a few hundred bytes. */
const HEADER_BYTES = 64 * 1024;

interface BatchPlace {
  firstRow: number;
  rows: number;
  /** Positions of the values in the file. */
  x: number;
  y: number;
}

/** The bytes of a file's footer, checked against its size. */
export function readArrowFooter(file: RandomAccessFile): Uint8Array {
  const { path, size } = file;
  if (size < TAIL_BYTES + 8) throw failure(`${path} is too short to be an Arrow file.`);
  const tail = file.read(size - TAIL_BYTES, TAIL_BYTES);
  if (Buffer.from(tail.subarray(4)).toString("latin1") !== MAGIC) {
    throw failure(`${path} is not a whole Arrow file: it does not end with ${MAGIC}.`);
  }
  const length = new DataView(tail.buffer).getInt32(0, true);
  if (length <= 0 || length > Math.min(FOOTER_BYTES, size - TAIL_BYTES)) {
    throw failure(`${path} is damaged: its footer cannot be ${length} bytes long.`);
  }
  return file.read(size - TAIL_BYTES - length, length);
}

/** Finds every record batch's values in the file. Rows are then read straight from their place. */
export function readArrowIndex(file: RandomAccessFile, features: number): ShardIndex {
  const blocks = readFooterBlocks(readArrowFooter(file), features);
  if (blocks === undefined) {
    throw failure(
      `${file.path} has other columns than its manifest says: expected x, FixedSizeList(${features}) of Float32, and y, Float32.`,
    );
  }
  const places: BatchPlace[] = [];
  let total = 0;
  for (const { offset, metadataBytes } of blocks) {
    if (metadataBytes < 8 || metadataBytes > HEADER_BYTES) {
      throw failure(`${file.path} is damaged: a record batch has no header.`);
    }
    // The message's own length stands before it: a continuation marker and an int32.
    const header = readRecordBatchHeader(file.read(offset + 8, metadataBytes - 8));
    const { rows } = header;
    const body = offset + metadataBytes;
    const x = body + header.x.offset;
    const y = body + header.y.offset;
    if (
      rows < 0 ||
      header.x.offset < 0 ||
      header.y.offset < 0 ||
      header.x.bytes < rows * features * 4 ||
      header.y.bytes < rows * 4 ||
      x + rows * features * 4 > file.size ||
      y + rows * 4 > file.size
    ) {
      throw failure(`${file.path} is damaged: a record batch of ${rows} rows has too few bytes.`);
    }
    places.push({ firstRow: total, rows, x, y });
    total += rows;
  }
  return {
    rows: total,
    entries: places.length,
    async read(opened, first, rows, target, at, standardize) {
      for (const place of places) {
        const from = Math.max(first, place.firstRow);
        const to = Math.min(first + rows, place.firstRow + place.rows);
        if (from >= to) continue;
        const skip = from - place.firstRow;
        const put = at + from - first;
        const count = (to - from) * features;
        readFloats(opened, place.x + skip * features * 4, target.x, put * features, count);
        readFloats(opened, place.y + skip * 4, target.y, put, to - from);
      }
      if (standardize !== undefined) {
        standardizeRows(target.x, at, rows, features, 0, standardize);
        standardizeRows(target.y, at, rows, 1, features, standardize);
      }
    },
  };
}

/** Values on their way to doubles, a piece at a time. */
const PIECE = new Float32Array(64 * 1024);

/** Reads float32 values straight into their place, or a piece at a time where they become doubles. */
function readFloats(
  file: RandomAccessFile,
  position: number,
  target: Floats,
  at: number,
  count: number,
): void {
  if (target instanceof Float32Array) {
    file.readInto(new Uint8Array(target.buffer, target.byteOffset + at * 4, count * 4), position);
    return;
  }
  for (let done = 0; done < count; done += PIECE.length) {
    const piece = PIECE.subarray(0, Math.min(PIECE.length, count - done));
    file.readInto(new Uint8Array(piece.buffer, 0, piece.byteLength), position + done * 4);
    target.set(piece, at + done);
  }
}
