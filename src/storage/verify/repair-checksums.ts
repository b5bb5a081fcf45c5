import path from "node:path";
import { writeFileAtomic } from "../../files/atomic.js";
import { hashBytes } from "../../files/hash.js";
import { CHECKSUMS_FILE } from "../../files/checksums.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { notRepaired, type ShardStatus } from "./check-shard.js";
import { removeTemporary, regenerateShard, type Regeneration } from "./regenerate-shard.js";
import { buildManifest, datasetChecksums } from "../dataset/write-manifest.js";

/**
 * Writes the checksums again where they differ from the manifest's, once the manifest is known to be right.
 *
 * @param shards the shards' findings, after their repair
 * @param others what verification found about other files
 * @returns the latter, with what was repaired, or why it could not be
 */
export async function repairChecksums(
  regeneration: Regeneration,
  fingerprint: string,
  shards: readonly ShardStatus[],
  others: readonly ShardStatus[],
): Promise<ShardStatus[]> {
  const first = others.find(({ status }) => status !== "extra");
  if (first === undefined) return [...others];
  const doubt = await doubtAbout(regeneration, fingerprint, shards);
  if (doubt !== undefined) {
    return others.map((file) => (file.status === "extra" ? file : notRepaired(file, doubt)));
  }
  const { folder, manifest } = regeneration;
  const file = path.join(folder, CHECKSUMS_FILE);
  await removeTemporary(file);
  await writeFileAtomic(file, datasetChecksums(manifest.shards, fingerprint));
  const extra = others.filter(({ status }) => status === "extra");
  // The manifest is right, so the checksums were wrong.
  const repaired: ShardStatus =
    first.file === CHECKSUMS_FILE
      ? { ...first, repaired: true }
      : {
          file: CHECKSUMS_FILE,
          status: "damaged",
          reason: `its sum of ${MANIFEST_FILE} was wrong`,
          repaired: true,
        };
  return [...extra, repaired];
}

/**
 * Why a manifest that the checksums do not confirm may be damaged; undefined where it is right. It is right if
 * its text is the one that vadi writes for its content, and a shard generated from it has the hash that it
 * names.
 */
async function doubtAbout(
  regeneration: Regeneration,
  fingerprint: string,
  shards: readonly ShardStatus[],
): Promise<string | undefined> {
  const { manifest, row, maxima } = regeneration;
  const { text } = buildManifest({
    ...manifest,
    row,
    maxima,
    compression: manifest.compression ?? "none",
  });
  if (hashBytes(text) !== fingerprint) {
    return `${MANIFEST_FILE} is not as vadi writes it, so it may be damaged itself`;
  }
  if (shards.some(({ repaired }) => repaired === true)) return undefined;
  const last = manifest.shards.length - 1;
  if (await regenerateShard(regeneration, last, async () => {})) return undefined;
  return `${manifest.shards[last]?.file}, made again from ${MANIFEST_FILE}, has another SHA-256, so the manifest may be damaged itself`;
}
