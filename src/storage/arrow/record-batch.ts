import { zstdDecompress } from "../format/compression.js";
import type { RandomAccessFile } from "../format/types.js";
import { tableAt, type Bytes, type FlatTable } from "./flatbuffers.js";
import { lz4FrameDecompress } from "./lz4-frame.js";
import { readMessage, type MessageLocation } from "./messages.js";

/** A buffer may be this large, and larger only where its compressed bytes can hold it. */
const BUFFER_BYTES = 16 * 1024 * 1024;
const LARGEST_RATIO = 1024;

const CODECS = ["LZ4", "ZSTD"] as const;

type ArrowCodec = (typeof CODECS)[number];

/** The header of a record batch. */
export interface RecordBatch {
  rows: number;
  /** Offset of the body in the file. */
  body: number;
  codec: ArrowCodec | undefined;
  /** How many further buffers each view column has. */
  variadic: number[];
  /** A buffer's offset in the body and its length. */
  buffer(index: number): { offset: number; bytes: number };
}

/**
 * Reads the header of a record batch, or of a dictionary's values.
 *
 * @throws where the bytes are no record batch
 */
export function readRecordBatch(
  file: RandomAccessFile,
  location: MessageLocation,
  wanted: "batch" | "dictionary" = "batch",
): RecordBatch {
  const { kind, bytes, header: outer } = readMessage(file, location);
  const header = wanted === "batch" ? outer : tableAt(bytes, outer.field(1));
  if (kind !== wanted || header === undefined) throw new Error(`a ${NAMES[wanted]} is missing`);
  // Fields of the header: rows 0, nodes 1, buffers 2, compression 3, variadic counts 4.
  const rowsAt = header.field(0);
  const rows = rowsAt === undefined ? 0 : bytes.int64(rowsAt);
  if (rows < 0) throw new Error(`a ${NAMES[wanted]} claims ${rows} rows`);
  const buffers = bytes.vector(header.field(2));
  return {
    rows,
    body: location.offset + location.metadataBytes,
    codec: codecOf(bytes, tableAt(bytes, header.field(3))),
    variadic: variadicCounts(bytes, header.field(4)),
    buffer(index) {
      if (index >= buffers.length) throw new Error(`a ${NAMES[wanted]} has too few buffers`);
      return {
        offset: bytes.int64(buffers.at + 16 * index),
        bytes: bytes.int64(buffers.at + 16 * index + 8),
      };
    },
  };
}

const NAMES = { batch: "record batch", dictionary: "dictionary" } as const;

function codecOf(bytes: Bytes, compression: FlatTable | undefined): ArrowCodec | undefined {
  if (compression === undefined) return undefined;
  const at = compression.field(0);
  const codec = CODECS[at === undefined ? 0 : bytes.view.getUint8(at)];
  if (codec === undefined) throw new Error("its compression is unknown");
  return codec;
}

function variadicCounts(bytes: Bytes, field: number | undefined): number[] {
  const { at, length } = bytes.vector(field);
  if (at + 8 * length > bytes.view.byteLength) throw new Error("a header is cut");
  return Array.from({ length }, (_, index) => bytes.int64(at + 8 * index));
}

/**
 * Reads bytes from … to−1 of a buffer. A compressed buffer is decompressed completely; for zstd,
 * `prepareCompression` must have been called.
 *
 * @returns undefined where the buffer is empty
 */
export function readBuffer(
  file: RandomAccessFile,
  batch: RecordBatch,
  index: number,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { offset, bytes } = batch.buffer(index);
  if (bytes === 0 && to > from) return undefined;
  if (offset < 0 || bytes < 0) throw new Error("a buffer lies outside the file");
  const start = batch.body + offset;
  if (batch.codec === undefined) {
    if (to > bytes) throw new Error("a buffer is too short for its rows");
    return file.read(start + from, to - from);
  }
  return Uint8Array.from(unpack(file.read(start, bytes), batch.codec, to).subarray(from, to));
}

/** The content of a compressed buffer, which must have at least `least` bytes. */
function unpack(packed: Uint8Array, codec: ArrowCodec, least: number): Uint8Array {
  const body = packed.subarray(8);
  // The length of the content comes first, −1 where the buffer is not compressed.
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const claimed = Number(view.getBigInt64(0, true));
  if (claimed === -1) {
    if (least > body.length) throw new Error("a buffer is too short for its rows");
    return body;
  }
  if (claimed < least || claimed > Math.max(BUFFER_BYTES, packed.length * LARGEST_RATIO)) {
    throw new Error(`a buffer of ${packed.length} bytes cannot hold ${claimed}`);
  }
  const content =
    codec === "LZ4" ? lz4FrameDecompress(body, claimed) : zstdDecompress(body, claimed);
  if (content.byteLength !== claimed) throw new Error("a buffer has another length than it says");
  return content;
}
