/** A folder of objects. Each function throws a failure that names the object, or a `PassingError`. */
export interface ObjectStore {
  /** Reads an object from a byte on; undefined where there is no such object. */
  read(name: string, from: number, signal: AbortSignal): Promise<ObjectBody | undefined>;
}

/** The bytes of an object, as they arrive. */
export interface ObjectBody {
  chunks: AsyncIterable<Uint8Array>;
  /** Where they start: 0 where the server knows no ranges. */
  from: number;
  /** Breaks the connection where bytes are left. */
  close(): void;
}

/** A failure that may be gone at the next try: a broken connection, a store that is too busy. */
export class PassingError extends Error {}
