import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openPromise, type Entry, type ZipFile } from "yauzl";
import {
  failure,
  interruption,
  messageOf,
  throwIfAborted,
  VadiError,
} from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";

/** Size limit of the wheel's metadata files that are read, in bytes. */
const MAXIMUM_TEXT = 16 * 2 ** 20;

/** The parts of TensorFlow that the addon needs: the C and C++ libraries, and the C headers. */
export const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] as const;
const NEEDED = new RegExp(
  `^tensorflow/(?:${LIBRARIES.map((name) => name.replaceAll(".", String.raw`\.`)).join("|")}|include/(?:tensorflow/c|tensorflow/core/platform|tsl/platform|xla/tsl/c)/.*\\.h)$`,
);

/** A wheel's metadata. */
export interface WheelFacts {
  /** Of the package: tensorflow, tensorflow_cpu. */
  name: string;
  version: string;
  /** Such as cp311-cp311-manylinux_2_27_x86_64. */
  tags: string[];
}

/** A wheel's index, open for reading. */
export interface Wheel extends WheelFacts {
  file: string;
  /** Bytes that `unpackWheel` writes. */
  bytes: number;
  zip: ZipFile;
  entries: Entry[];
  /** SHA-256 of the files to unpack, base64url without padding, as the wheel's RECORD has it. */
  hashes: Map<string, string>;
}

/**
 * Opens a wheel (a zip file, PEP 427) and reads its metadata. The caller closes `zip`.
 *
 * @throws a failure where it is damaged or not a wheel
 */
export async function openWheel(file: string): Promise<Wheel> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(file, { autoClose: false, lazyEntries: true });
    const entries: Entry[] = [];
    const texts = new Map<string, string>();
    for await (const entry of zip.eachEntry()) {
      const text = /^[^/]+\.dist-info\/(METADATA|WHEEL|RECORD)$/.exec(entry.fileName)?.[1];
      if (text !== undefined) texts.set(text, await readText(zip, entry));
      if (NEEDED.test(entry.fileName)) entries.push(entry);
    }
    const facts = factsOf(texts.get("METADATA") ?? "", texts.get("WHEEL") ?? "");
    const hashes = new Map<string, string>();
    for (const line of (texts.get("RECORD") ?? "").split("\n")) {
      const [, name, hash] = /^"?([^",]+)"?,sha256=([\w-]+)/.exec(line) ?? [];
      if (name !== undefined && hash !== undefined) hashes.set(name, hash);
    }
    const bytes = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    return { file, ...facts, bytes, zip, entries, hashes };
  } catch (error) {
    zip?.close();
    throw damaged(file, error);
  }
}

/** The relevant fields of METADATA and WHEEL, which have the format of mail headers. */
export function factsOf(metadata: string, wheel: string): WheelFacts {
  const [name] = field(metadata, "Name");
  const [version] = field(metadata, "Version");
  if (name === undefined || version === undefined) throw new Error("it has no METADATA of a wheel");
  return { name: name.toLowerCase().replaceAll("-", "_"), version, tags: field(wheel, "Tag") };
}

/**
 * Writes the libraries and headers of an open wheel below a folder, each checked against the hash
 * in the wheel's own record.
 *
 * @throws a failure where a file is damaged or missing, or cannot be written; an interruption
 */
export async function unpackWheel(
  wheel: Wheel,
  folder: string,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: OnProgress },
): Promise<void> {
  const { file, zip, entries, hashes, bytes } = wheel;
  const missing = LIBRARIES.find(
    (name) => !entries.some(({ fileName }) => fileName === `tensorflow/${name}`),
  );
  if (missing !== undefined) {
    throw failure(`${file} holds no ${missing}; give the wheel of TensorFlow for Linux.`);
  }
  let done = 0;
  for (const entry of entries) {
    const target = path.join(folder, entry.fileName);
    await mkdir(path.dirname(target), { recursive: true });
    const hash = createHash("sha256");
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        hash.update(chunk);
        done += chunk.length;
        onProgress?.({ phase: "unpacking TensorFlow", done, total: bytes, unit: "bytes" });
        next(null, chunk);
      },
    });
    let source: Readable;
    try {
      source = await zip.openReadStreamPromise(entry);
    } catch (error) {
      throw damaged(file, error);
    }
    try {
      await pipeline(source, meter, createWriteStream(target), signal ? { signal } : {});
    } catch (error) {
      if (signal?.aborted) throw interruption();
      const code = (error as NodeJS.ErrnoException).syscall;
      if (code !== undefined) {
        throw failure(`Could not write ${target}: ${messageOf(error)}.`, error);
      }
      throw damaged(file, error);
    }
    if (hash.digest("base64url") !== hashes.get(entry.fileName)) {
      throw damaged(file, new Error(`${entry.fileName} does not match the checksum in its record`));
    }
  }
}

function field(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`^${name}: *(.+?)\\r?$`, "gm"))].map(([, value]) => value!);
}

/** SHA-256 of a file, in hexadecimal. */
export async function hashOf(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) {
    throwIfAborted(signal);
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

async function readText(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > MAXIMUM_TEXT) throw new Error(`${entry.fileName} is too long`);
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function damaged(file: string, error: unknown): VadiError {
  if (error instanceof VadiError) return error;
  if ((error as NodeJS.ErrnoException).code === "ENOENT") {
    return failure(`The wheel ${file} does not exist.`, error);
  }
  return failure(
    `${file} is not a wheel, or damaged (${messageOf(error)}); download it again.`,
    error,
  );
}
