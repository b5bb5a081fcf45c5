/** A folder of objects, and a flag that is not 0 once nobody wants the task any more. */
interface FolderTask {
  folder: string;
  cancel: SharedArrayBuffer;
}

interface ObjectTask extends FolderTask {
  name: string;
}

/** Reads an object. Gives its bytes, or undefined where there is none. */
export interface ReadTask extends ObjectTask {
  type: "read";
  /** Larger ones are refused. */
  most: number;
}

/** Writes an object of known size and hash to a file, which exists already. */
export interface FetchTask extends ObjectTask {
  type: "fetch";
  file: string;
  bytes: number;
  sha256: string;
}

/** Hashes an object. Gives its size and SHA-256, or undefined where there is none. */
export interface HashTask extends ObjectTask {
  type: "hash";
}

/** Lists the names of a folder's objects; undefined where the store has no lists. */
export interface ListTask extends FolderTask {
  type: "list";
  /** Also those of folders below, as `folder/name`. */
  isDeep?: boolean;
}

/** Gives an object's size and metadata, or undefined where there is none. */
export interface DescribeTask extends ObjectTask {
  type: "describe";
}

/** Writes an object. Gives false where one of its name is there and `ifAbsent` is set. */
export interface PutTask extends ObjectTask {
  type: "put";
  content: { text: string } | { file: string };
  metadata: Record<string, string>;
  ifAbsent: boolean;
}

/** Copies an object within a store. */
export interface CopyTask extends ObjectTask {
  type: "copy";
  from: { folder: string; name: string };
  metadata: Record<string, string>;
}

/** Removes an object, if there is one. */
export interface RemoveTask extends ObjectTask {
  type: "remove";
}

/** Lists unfinished uploads; undefined where the store does not. */
export interface UploadsTask extends FolderTask {
  type: "uploads";
  /** What the objects' names begin with. */
  start: string;
}

/** Ends an upload and removes its parts. */
export interface EndUploadTask extends ObjectTask {
  type: "endUpload";
  id: string;
}

/** Work for the thread that speaks with stores. */
export type StoreTask =
  | ReadTask
  | FetchTask
  | HashTask
  | ListTask
  | DescribeTask
  | PutTask
  | CopyTask
  | RemoveTask
  | UploadsTask
  | EndUploadTask;
