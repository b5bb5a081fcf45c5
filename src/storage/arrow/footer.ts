import { failure } from "../../common/errors.js";
import type { RandomAccessFile } from "../format/types.js";
import type { Bytes } from "./flatbuffers.js";
import type { MessageLocation } from "./messages.js";

const MAGIC = "ARROW1";
/** Footer length (int32) and magic at the end of the file. */
const TAIL_BYTES = 4 + MAGIC.length;
/** Larger footers are refused. */
const FOOTER_BYTES = 64 * 1024 * 1024;

/** Whether a file is of the IPC file format, by its first bytes; otherwise it may be a stream. */
export function isArrowFile(file: RandomAccessFile): boolean {
  return (
    file.size >= MAGIC.length &&
    Buffer.from(file.read(0, MAGIC.length)).toString("latin1") === MAGIC
  );
}

/** The bytes of a file's footer, whose length is checked against the file's size. */
export function readArrowFooter(file: RandomAccessFile): Uint8Array {
  const { path, size } = file;
  if (size < TAIL_BYTES + 8) throw failure(`${path} is too short to be an Arrow file.`);
  const tail = file.read(size - TAIL_BYTES, TAIL_BYTES);
  if (Buffer.from(tail.subarray(4)).toString("latin1") !== MAGIC) {
    throw failure(`${path} is not a complete Arrow file: it does not end with ${MAGIC}.`);
  }
  const length = new DataView(tail.buffer).getInt32(0, true);
  if (length <= 0 || length > Math.min(FOOTER_BYTES, size - TAIL_BYTES)) {
    throw failure(`${path} is damaged: its footer cannot be ${length} bytes long.`);
  }
  return file.read(size - TAIL_BYTES - length, length);
}

/**
 * Reads a footer's list of record batches or dictionaries.
 *
 * @throws where it is longer than the footer
 */
export function readLocations(bytes: Bytes, field: number | undefined): MessageLocation[] {
  // Offset int64, metadata length int32, four bytes of padding, body length int64.
  const { at, length } = bytes.vector(field);
  if (at + 24 * length > bytes.view.byteLength) {
    throw new Error("its list of record batches is cut");
  }
  return Array.from({ length }, (_, index) => ({
    offset: bytes.int64(at + 24 * index),
    metadataBytes: bytes.view.getInt32(at + 24 * index + 8, true),
  }));
}
