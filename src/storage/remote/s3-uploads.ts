import { setTimeout as pause } from "node:timers/promises";
import type * as Sdk from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Parts, UnfinishedUpload } from "./types.js";

/** Parts of one object that are sent at once. */
const PARTS_AT_ONCE = 2;

/** How often an upload is ended at most, and the milliseconds between. */
const ABORTS = 5;
const ABORT_PAUSE = 100;

/** An upload in parts. */
export interface Upload {
  Bucket: string;
  Key: string;
  UploadId: string | undefined;
}

/**
 * Removes the parts of an upload that failed or was left behind: they would be paid for. A part that was still on its way can arrive after
 * that, so it is done until the store no longer knows the upload.
 */
export async function endUpload(sdk: typeof Sdk, client: S3Client, upload: Upload): Promise<void> {
  for (let tries = 0; tries < ABORTS; tries++) {
    try {
      // Without the signal, which may be aborted already.
      await client.send(new sdk.AbortMultipartUploadCommand(upload));
    } catch {
      // There is no such upload, or the store cannot be reached.
      return;
    }
    await pause(ABORT_PAUSE);
  }
}

/** Sends the parts of an object, some at once. */
export async function sendParts(
  sdk: typeof Sdk,
  client: S3Client,
  upload: Upload,
  parts: Parts,
  signal: AbortSignal,
): Promise<{ ETag: string | undefined; PartNumber: number }[]> {
  const sent: { ETag: string | undefined; PartNumber: number }[] = [];
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < parts.count && !failed) {
      const index = next++;
      const PartNumber = index + 1;
      try {
        const command = new sdk.UploadPartCommand({
          ...upload,
          PartNumber,
          Body: await parts.read(index),
        });
        const { ETag } = await client.send(command, { abortSignal: signal });
        sent[index] = { ETag, PartNumber };
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, lane));
  const broken = lanes.find(({ status }) => status === "rejected");
  if (broken?.status === "rejected") throw broken.reason;
  return sent;
}

/**
 * The uploads of a bucket that are neither complete nor ended.
 *
 * @param at the bucket, and what the keys start with
 * @param cut how many characters of each key are left out of its name
 */
export async function listUploads(
  sdk: typeof Sdk,
  client: S3Client,
  { Bucket, Key }: { Bucket: string; Key: string },
  cut: number,
  signal: AbortSignal,
): Promise<UnfinishedUpload[]> {
  const found = new Map<string, UnfinishedUpload>();
  // The SDK keeps how far this machine's clock is from the store's.
  const now = Date.now() + client.config.systemClockOffset;
  let from: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  while (from !== undefined) {
    const command: Sdk.ListMultipartUploadsCommand = new sdk.ListMultipartUploadsCommand({
      Bucket,
      Prefix: Key,
      ...from,
    });
    const page = await client.send(command, { abortSignal: signal });
    const before = found.size;
    for (const { Key: key = "", UploadId: id, Initiated } of page.Uploads ?? []) {
      if (id === undefined || Initiated === undefined || !key.startsWith(Key)) continue;
      found.set(id, { name: key.slice(cut), id, age: (now - Initiated.getTime()) / 1000 });
    }
    // A store that gives the same page again would be asked for ever.
    const more = page.IsTruncated === true && found.size > before;
    from = more
      ? {
          ...(page.NextKeyMarker && { KeyMarker: page.NextKeyMarker }),
          ...(page.NextUploadIdMarker && { UploadIdMarker: page.NextUploadIdMarker }),
        }
      : undefined;
  }
  return [...found.values()];
}
