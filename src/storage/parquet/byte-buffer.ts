const FIRST_BYTES = 256;

/** Bytes that grow at the end. */
export interface ByteBuffer {
  byte(value: number): void;
  append(bytes: Uint8Array): void;
  /** A whole number from 0 to 2⁵³ − 1, seven bits a byte, the lowest first (LEB128). */
  varint(value: number): void;
  /** What was appended so far; valid until the next call. */
  bytes(): Uint8Array;
}

export function createByteBuffer(): ByteBuffer {
  let buffer = new Uint8Array(FIRST_BYTES);
  let length = 0;

  const reserve = (bytes: number): void => {
    if (length + bytes <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + bytes));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  const byte = (value: number): void => {
    reserve(1);
    buffer[length++] = value;
  };

  return {
    byte,
    append(bytes) {
      reserve(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    varint(value) {
      let left = value;
      for (; left >= 0x80; left = Math.floor(left / 0x80)) byte((left % 0x80) + 0x80);
      byte(left);
    },
    bytes: () => buffer.subarray(0, length),
  };
}
