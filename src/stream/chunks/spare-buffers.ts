/** Buffers of chunks that nobody uses any more, for chunks to come. */
export interface SpareBuffers {
  /** A buffer of at least as many bytes, if there is one. */
  take(bytes: number): ArrayBuffer | undefined;
  give(buffer: ArrayBuffer): void;
  clear(): void;
}

/** @param most how many are kept */
export function createSpareBuffers(most: number): SpareBuffers {
  const free: ArrayBuffer[] = [];
  return {
    take(bytes) {
      const place = free.findIndex((buffer) => buffer.byteLength >= bytes);
      return place < 0 ? undefined : free.splice(place, 1)[0];
    },
    give(buffer) {
      // The largest are kept: chunks differ in length, and a buffer that is too short is of no use.
      free.push(buffer);
      free.sort((one, other) => other.byteLength - one.byteLength);
      free.length = Math.min(free.length, most);
    },
    clear() {
      free.length = 0;
    },
  };
}
