// What the disk can do: files of a dataset's size, written one after the other by one thread with the
// same fsyncs as vadi's, on request hashed, or past the system's cache.
import { createHash } from "node:crypto";
import { closeSync, constants, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { fillRandomWords } from "../../../src/generate/index.js";
import { syncFolderNow } from "../../../src/files/system/flush.js";
import { rowBytes } from "../../../src/storage/index.js";
import { runPeer, type FileOptions } from "./peer.js";

const PIECE_BYTES = 2 ** 22;
/** Direct writes want whole blocks, from memory that begins with a page. */
const DIRECT_BLOCK = 4096;

// Random, so that no file system can make it smaller.
const words = new Uint32Array(PIECE_BYTES / 4);
fillRandomWords(words, 42, 0, 0);
const piece = Buffer.from(new WebAssembly.Memory({ initial: PIECE_BYTES / 65_536 }).buffer);
piece.set(new Uint8Array(words.buffer));

await runPeer<FileOptions & { hash: boolean; direct: boolean }>((options) => {
  const { out, rows, features, shardRows, direct } = options;
  for (let first = 0; first < rows; first += shardRows) {
    const file = path.join(out, `shard-${first / shardRows}`);
    const descriptor = openSync(`${file}.tmp`, "w");
    const whole = direct
      ? openSync(`${file}.tmp`, constants.O_WRONLY | constants.O_DIRECT)
      : descriptor;
    const hash = createHash("sha256");
    const length = Math.min(shardRows, rows - first) * rowBytes(features);
    for (let done = 0; done < length;) {
      const left = Math.min(length - done, PIECE_BYTES);
      const isWhole = !direct || left >= DIRECT_BLOCK;
      const bytes = piece.subarray(0, direct && isWhole ? left - (left % DIRECT_BLOCK) : left);
      if (options.hash) hash.update(bytes);
      done += writeSync(isWhole ? whole : descriptor, bytes, 0, bytes.length, done);
    }
    hash.digest("hex");
    if (direct) closeSync(whole);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(`${file}.tmp`, file);
    syncFolderNow(out);
  }
});
