import type { RandomAccessFile } from "../format/types.js";
import { flatBuffer, rootTable, tableAt, type Bytes, type FlatTable } from "./flatbuffers.js";

/** A header has some 50 bytes a column. */
const HEADER_BYTES = 64 * 1024 * 1024;
/** Since version 0.15 a marker stands before the length of the header (ARROW-6313). */
const MARKER = 0xffffffff;

/** Kinds of messages, as numbered in Message.fbs. */
const KINDS = ["none", "schema", "dictionary", "batch"] as const;

/** Where a message is in the file ("Block" in File.fbs). */
export interface MessageLocation {
  offset: number;
  /** Bytes of the message before its body. */
  metadataBytes: number;
}

/** A message without its body. */
export interface Message {
  kind: (typeof KINDS)[number] | undefined;
  bytes: Bytes;
  /** The table that the kind has. */
  header: FlatTable;
  bodyBytes: number;
}

/**
 * Reads a message's header.
 *
 * @throws where the bytes are no message
 */
export function readMessage(
  file: RandomAccessFile,
  { offset, metadataBytes }: MessageLocation,
): Message {
  if (metadataBytes < 8 || metadataBytes > HEADER_BYTES) {
    throw new Error("a record batch has no header");
  }
  const raw = file.read(offset, metadataBytes);
  const bytes = flatBuffer(raw.subarray(isMarked(raw) ? 8 : 4));
  // Fields of a message: version 0, kind 1, header 2, length of the body 3.
  const message = rootTable(bytes);
  const kindAt = message.field(1);
  const header = tableAt(bytes, message.field(2));
  const bodyAt = message.field(3);
  const bodyBytes = bodyAt === undefined ? 0 : bytes.int64(bodyAt);
  if (header === undefined || bodyBytes < 0) throw new Error("a message is damaged");
  return {
    kind: kindAt === undefined ? "none" : KINDS[bytes.view.getUint8(kindAt)],
    bytes,
    header,
    bodyBytes,
  };
}

function isMarked(raw: Uint8Array): boolean {
  return new DataView(raw.buffer, raw.byteOffset).getUint32(0, true) === MARKER;
}

/**
 * The message that begins at an offset of a stream.
 *
 * @returns undefined at the stream's end
 * @throws where the file ends within it
 */
export function streamMessage(file: RandomAccessFile, offset: number): MessageLocation | undefined {
  const left = file.size - offset;
  if (left <= 0) return undefined;
  if (left < 4) throw new Error(CUT);
  const view = new DataView(file.read(offset, Math.min(8, left)).buffer);
  const marked = view.getUint32(0, true) === MARKER;
  if (marked && left < 8) throw new Error(CUT);
  const length = view.getInt32(marked ? 4 : 0, true);
  if (length === 0) return undefined;
  const metadataBytes = (marked ? 8 : 4) + length;
  if (length < 0) throw new Error("a message is damaged");
  if (metadataBytes > left) throw new Error(CUT);
  return { offset, metadataBytes };
}

const CUT = "it is cut off within a message";

/** Throws where a message's body goes beyond the file. */
export function endOfMessage(
  file: RandomAccessFile,
  { offset, metadataBytes }: MessageLocation,
  { bodyBytes }: Message,
): number {
  const end = offset + metadataBytes + bodyBytes;
  if (end > file.size) throw new Error(CUT);
  return end;
}
