/** A folder of objects. Each function throws a failure that names the object, or a `PassingError`. */
export interface ObjectStore {
  /** Reads an object from a byte on; undefined where there is no such object. */
  read(name: string, from: number, signal: AbortSignal): Promise<ObjectBody | undefined>;
  /** Undefined where the store is for reading only. */
  writer?: ObjectWriter;
}

/** The bytes of an object, as they arrive. */
export interface ObjectBody {
  chunks: AsyncIterable<Uint8Array>;
  /** Where they start: 0 where the server knows no ranges. */
  from: number;
  /** Breaks the connection where bytes are left. */
  close(): void;
}

/** Writes to a folder of objects. */
export interface ObjectWriter {
  /** The names of the objects directly in the folder, or also of those below it, as `folder/name`. */
  list(isDeep: boolean, signal: AbortSignal): Promise<string[]>;
  /** Undefined where there is no such object. */
  describe(name: string, signal: AbortSignal): Promise<ObjectDescription | undefined>;
  /** @returns false where there is an object of that name, and it was not to be replaced */
  put(
    name: string,
    content: Uint8Array,
    options: PutOptions,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** As `put`, in parts. Unless all of them arrive, they are removed again. */
  upload(name: string, parts: Parts, options: PutOptions, signal: AbortSignal): Promise<boolean>;
  /** Copies an object of the same store. */
  copy(
    from: { folder: string; name: string },
    name: string,
    metadata: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void>;
  remove(name: string, signal: AbortSignal): Promise<void>;
  /**
   * The uploads in parts of objects whose names begin with `start`, also below the folder.
   *
   * @returns undefined where the store does not list uploads, or not for these credentials
   */
  uploads(start: string, signal: AbortSignal): Promise<UnfinishedUpload[] | undefined>;
  /** Ends an upload and removes its parts, if it is there. */
  endUpload(name: string, id: string): Promise<void>;
}

/** An upload in parts that is under way, or whose writer was killed. */
export interface UnfinishedUpload {
  name: string;
  id: string;
  /** Seconds since it began, by the store's clock. */
  age: number;
}

/** What is known of an object. */
export interface ObjectDescription {
  bytes: number;
  /** Names in lower case. */
  metadata: Record<string, string>;
}

/** The content of a large object. */
export interface Parts {
  count: number;
  /** Part `index`, from 0 on. */
  read(index: number): Promise<Uint8Array>;
}

export interface PutOptions {
  /** ASCII, some 2 KB at most. */
  metadata: Record<string, string>;
  /** Whether an object of that name is left as it is. */
  ifAbsent: boolean;
}

/** A failure that may be gone at the next try: a broken connection, a store that is too busy. */
export class PassingError extends Error {}
