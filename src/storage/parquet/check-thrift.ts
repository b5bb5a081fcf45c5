/*
 * Footers and page headers are in Thrift's compact protocol. hyparquet allocates a list as long as its length field
 * says before it reads the first item, so lengths are compared with the bytes that are there first.
 */

/** Types of the compact protocol. */
const STOP = 0;
const FALSE = 2;
const BYTE = 3;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Structs and lists within each other; Parquet needs some ten. */
const DEEPEST = 100;

/** A varint has at most this many bytes. */
const VARINT_BYTES = 10;

/**
 * Checks that a struct at the start of some bytes ends within them, and that no list in it has more items than the
 * bytes behind it can hold.
 *
 * @throws an error that says what is wrong
 */
export function checkThrift(bytes: Uint8Array): void {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("it is cut short");
    return byte;
  };
  const varint = (): number => {
    let value = 0;
    for (let index = 0; index < VARINT_BYTES; index++) {
      const byte = next();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new Error("one of its numbers is too long");
  };
  const skip = (type: number, depth: number): void => {
    if (depth > DEEPEST) throw new Error("it is nested too deeply");
    if (type <= FALSE) return;
    if (type === BYTE) at++;
    else if (type <= I64) varint();
    else if (type === DOUBLE) at += 8;
    else if (type === BINARY) skipBytes(varint());
    else if (type === LIST) skipList(depth);
    else if (type === STRUCT) skipStruct(depth);
    else throw new Error("it has a value of no known type");
    if (at > bytes.length) throw new Error("it is cut short");
  };
  const skipBytes = (count: number): void => {
    at += count;
  };
  const skipList = (depth: number): void => {
    const byte = next();
    const type = byte & 15;
    const length = byte >> 4 === 15 ? varint() : byte >> 4;
    if (length > bytes.length - at) throw new Error("one of its lists is longer than itself");
    // In a list, true and false take a byte.
    for (let item = 0; item < length; item++) skip(type <= FALSE ? BYTE : type, depth + 1);
  };
  const skipStruct = (depth: number): void => {
    for (;;) {
      const byte = next();
      if ((byte & 15) === STOP) return;
      if (byte >> 4 === 0) varint();
      skip(byte & 15, depth + 1);
    }
  };
  skipStruct(0);
}
