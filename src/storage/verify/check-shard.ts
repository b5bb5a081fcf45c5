import { lstat } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "../../common/errors.js";
import type { ShardEntry } from "../format/manifest.js";

/** What verification found about one file of a dataset. */
export interface ShardStatus {
  file: string;
  status: "ok" | "damaged" | "missing" | "extra";
  /** Why, where it is not ok. */
  reason?: string;
  /** It was damaged or missing and has been repaired. */
  repaired?: true;
}

/**
 * Compares a shard's file with its entry in the manifest: size first, then SHA-256.
 *
 * @param hash the SHA-256 of a file
 */
export async function checkShard(
  folder: string,
  { file, bytes, sha256 }: ShardEntry,
  hash: (file: string) => Promise<string>,
): Promise<ShardStatus> {
  const full = path.join(folder, file);
  const damaged = (reason: string): ShardStatus => ({ file, status: "damaged", reason });
  const found = await lstat(full).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return { file, status: "missing", reason: "there is no such file" };
  if (!found.isFile()) return damaged("it is not a plain file");
  if (found.size !== bytes) return damaged(`it has ${found.size} bytes instead of ${bytes}`);
  if ((await hash(full)) !== sha256) return damaged("its SHA-256 differs from the manifest's");
  return { file, status: "ok" };
}

/** A finding, with the reason why it was not repaired. */
export function notRepaired(found: ShardStatus, why: string): ShardStatus {
  return { ...found, reason: `${found.reason ?? found.status}; not repaired: ${why}` };
}
