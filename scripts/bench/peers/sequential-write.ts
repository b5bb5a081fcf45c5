// What the disk can do: files of a dataset's size, written one after the other by one thread with the
// same fsyncs as vadi's, on request hashed as well.
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { fillRandomWords } from "../../../src/generate/index.js";
import { rowBytes, syncFolder } from "../../../src/storage/index.js";
import { runPeer, type FileOptions } from "./peer.js";

// Random, so that no file system can make it smaller.
const words = new Uint32Array(2 ** 20);
fillRandomWords(words, 42, 0, 0);
const piece = Buffer.from(words.buffer);

await runPeer<FileOptions & { hash: boolean }>((options) => {
  const { out, rows, features, shardRows } = options;
  for (let first = 0; first < rows; first += shardRows) {
    const file = path.join(out, `shard-${first / shardRows}`);
    const descriptor = openSync(`${file}.tmp`, "w");
    const hash = createHash("sha256");
    let left = Math.min(shardRows, rows - first) * rowBytes(features);
    while (left > 0) {
      const bytes = piece.subarray(0, Math.min(left, piece.byteLength));
      if (options.hash) hash.update(bytes);
      left -= writeSync(descriptor, bytes);
    }
    hash.digest("hex");
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(`${file}.tmp`, file);
    syncFolder(out);
  }
});
