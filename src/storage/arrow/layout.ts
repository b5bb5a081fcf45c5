import { createHash } from "node:crypto";
import type { RandomAccessFile } from "../format/types.js";
import { flatBuffer, rootTable, tableAt, type Bytes, type FlatTable } from "./flatbuffers.js";
import { isArrowFile, readArrowFooter, readLocations } from "./footer.js";
import { endOfMessage, readMessage, streamMessage, type MessageLocation } from "./messages.js";
import { readArrowFields, type ArrowField } from "./schema.js";

/** The messages with the values of each dictionary, by its id: the first, and those that add to it. */
export type Dictionaries = ReadonlyMap<number, readonly MessageLocation[]>;

/** What an Arrow file or stream holds, and where. */
export interface ArrowLayout {
  fields: ArrowField[];
  /** The record batches. */
  batches: MessageLocation[];
  /** The dictionaries of each record batch: one object as long as they stay the same. */
  dictionaries: Dictionaries[];
}

/**
 * Finds the parts of an Arrow file by its footer, or of a stream by going from message to message.
 *
 * @throws where the bytes are neither
 */
export function readLayout(file: RandomAccessFile): ArrowLayout {
  return isArrowFile(file) ? fileLayout(file) : streamLayout(file);
}

function fileLayout(file: RandomAccessFile): ArrowLayout {
  const footer = flatBuffer(readArrowFooter(file));
  // Fields of the footer: version 0, schema 1, dictionaries 2, record batches 3.
  const root = rootTable(footer);
  const fields = readArrowFields(footer, tableAt(footer, root.field(1)));
  const batches = readLocations(footer, root.field(3));
  let dictionaries: Dictionaries = new Map();
  if (needsDictionaries(fields)) {
    for (const location of readLocations(footer, root.field(2))) {
      const { bytes, header } = readMessage(file, location);
      dictionaries = withDictionary(dictionaries, bytes, header, location);
    }
  }
  return { fields, batches, dictionaries: batches.map(() => dictionaries) };
}

function streamLayout(file: RandomAccessFile): ArrowLayout {
  let fields: ArrowField[] | undefined;
  const batches: MessageLocation[] = [];
  const dictionaries: Dictionaries[] = [];
  let current: Dictionaries = new Map();
  for (const { location, message } of streamMessages(file)) {
    const { kind, bytes, header } = message;
    if (fields === undefined) {
      if (kind !== "schema") throw new Error("it does not begin with a schema");
      fields = readArrowFields(bytes, header);
    } else if (kind === "dictionary" && needsDictionaries(fields)) {
      current = withDictionary(current, bytes, header, location);
    } else if (kind === "batch") {
      batches.push(location);
      dictionaries.push(current);
    }
  }
  if (fields === undefined) throw new Error("it is empty");
  return { fields, batches, dictionaries };
}

/**
 * Goes through a stream without reading the bodies of its messages.
 *
 * @yields the messages in order
 */
function* streamMessages(
  file: RandomAccessFile,
): Generator<{ location: MessageLocation; message: ReturnType<typeof readMessage> }> {
  let location = streamMessage(file, 0);
  while (location !== undefined) {
    const message = readMessage(file, location);
    yield { location, message };
    location = streamMessage(file, endOfMessage(file, location, message));
  }
}

function needsDictionaries(fields: readonly ArrowField[]): boolean {
  return fields.some(({ kind, dictionary }) => kind !== undefined && dictionary !== undefined);
}

/** The dictionaries after a dictionary message. Its fields: id 0, values 1, whether they are added to the others 2. */
function withDictionary(
  before: Dictionaries,
  bytes: Bytes,
  header: FlatTable,
  location: MessageLocation,
): Dictionaries {
  const idAt = header.field(0);
  const id = idAt === undefined ? 0 : bytes.int64(idAt);
  const deltaAt = header.field(2);
  const isDelta = deltaAt !== undefined && bytes.view.getUint8(deltaAt) !== 0;
  return new Map([...before, [id, [...(isDelta ? (before.get(id) ?? []) : []), location]]]);
}

/** Hex SHA-256 of a file's footer, or of the headers of a stream's messages. */
export function hashLayout(file: RandomAccessFile): string {
  const hash = createHash("sha256");
  if (isArrowFile(file)) return hash.update(readArrowFooter(file)).digest("hex");
  for (const { location } of streamMessages(file)) {
    hash.update(file.read(location.offset, location.metadataBytes));
  }
  return hash.digest("hex");
}
