import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { assert } from "../helpers/test.js";
import { VadiError, type ErrorKind } from "../../src/common/errors.js";
import { openShard, openTable } from "../../src/storage/index.js";

/** All rows of a dataset, shard after shard. */
export async function readRows(folder: string): Promise<{ x: Float32Array; y: Float32Array }> {
  const { manifest, shards } = await openTable(folder);
  const target = {
    x: new Float32Array(manifest.rows * manifest.features),
    y: new Float32Array(manifest.rows),
  };
  let at = 0;
  for (const shard of shards) {
    const reader = await openShard(shard);
    await reader.read(0, reader.rows, target, at);
    reader.close();
    at += reader.rows;
  }
  return target;
}

/** The text of SHA256SUMS, which decides whether two datasets are the same bytes. */
export function sumsOf(folder: string): Promise<string> {
  return readFile(path.join(folder, "SHA256SUMS"), "utf8");
}

/** Hex SHA-256 of some arrays, one after the other. */
export function sha256(...parts: (Uint8Array | Float32Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest("hex");
}

/** Names in a folder, hidden ones too. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).toSorted();
}

/** Asserts that something ends in a VadiError of a kind, whose message is one sentence with a pattern. */
export async function assertRejects(
  promise: Promise<unknown>,
  kind: ErrorKind,
  pattern: RegExp,
): Promise<void> {
  let thrown: unknown;
  try {
    await promise;
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof VadiError)) {
    throw thrown instanceof Error ? thrown : new Error(`Nothing was thrown: ${String(pattern)}.`);
  }
  assert.is(thrown.kind, kind, thrown.message);
  assert.match(thrown.message, pattern);
  assert.not.match(thrown.message, /\n|undefined|NaN|\[object/);
  assert.match(thrown.message, /\.$/);
}
