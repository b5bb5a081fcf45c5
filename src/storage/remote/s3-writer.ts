import type * as Sdk from "@aws-sdk/client-s3";
import { setTimeout as pause } from "node:timers/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { asFailure, isMissing, isNamed, statusOf } from "./s3-errors.js";
import type { ObjectWriter, Parts, PutOptions } from "./types.js";

/** Parts of one object that are sent at once. */
const PARTS_AT_ONCE = 2;

/** How often a failed upload is ended at most, and the milliseconds between. */
const ABORTS = 5;
const ABORT_PAUSE = 100;

/** Writes objects of a bucket whose names start with a prefix and a slash. */
export function createS3Writer(
  sdk: typeof Sdk,
  client: S3Client,
  bucket: string,
  prefix: string,
): ObjectWriter {
  const keyOf = (name: string): string => (prefix === "" ? name : `${prefix}/${name}`);
  /** Runs requests for an object; errors become sentences about it. */
  async function attempt<Result>(
    name: string,
    what: string,
    request: (at: { Bucket: string; Key: string }) => Promise<Result>,
  ): Promise<Result> {
    const Key = keyOf(name);
    try {
      return await request({ Bucket: bucket, Key });
    } catch (error) {
      throw asFailure(error, bucket, Key, what);
    }
  }

  const writer: ObjectWriter = {
    async list(isDeep, signal) {
      const names: string[] = [];
      const start = keyOf("");
      await attempt("", "listed", async ({ Bucket }) => {
        let token: string | undefined;
        do {
          const command = new sdk.ListObjectsV2Command({
            Bucket,
            Prefix: start,
            ...(!isDeep && { Delimiter: "/" }),
            ...(token !== undefined && { ContinuationToken: token }),
          });
          const page = await client.send(command, { abortSignal: signal });
          for (const { Key } of page.Contents ?? []) names.push((Key ?? "").slice(start.length));
          token = page.NextContinuationToken;
        } while (token !== undefined);
      });
      // Some programs make an object for the folder itself.
      return names.filter((name) => name !== "");
    },

    describe: (name, signal) =>
      attempt(name, "found", async (at) => {
        try {
          const command = new sdk.HeadObjectCommand(at);
          const found = await client.send(command, { abortSignal: signal });
          return { bytes: found.ContentLength ?? 0, metadata: found.Metadata ?? {} };
        } catch (error) {
          if (isMissing(error)) return undefined;
          throw error;
        }
      }),

    put: (name, content, options, signal) =>
      unlessThere(writer, name, options, signal, (condition) =>
        attempt(name, "written", async (at) => {
          const { metadata: Metadata } = options;
          const command = new sdk.PutObjectCommand({
            ...at,
            Body: content,
            Metadata,
            ...condition,
          });
          await client.send(command, { abortSignal: signal });
        }),
      ),

    upload: (name, parts, options, signal) =>
      unlessThere(writer, name, options, signal, (condition) =>
        attempt(name, "written", async (at) => {
          const { metadata: Metadata } = options;
          const started = new sdk.CreateMultipartUploadCommand({ ...at, Metadata });
          // Not interrupted: without its answer, the upload could not be ended.
          const { UploadId } = await client.send(started);
          const upload = { ...at, UploadId };
          try {
            signal.throwIfAborted();
            const sent = await sendParts(sdk, client, upload, parts, signal);
            const complete = new sdk.CompleteMultipartUploadCommand({
              ...upload,
              MultipartUpload: { Parts: sent },
              ...condition,
            });
            await client.send(complete, { abortSignal: signal });
          } catch (error) {
            await endUpload(sdk, client, upload);
            throw error;
          }
        }),
      ),

    copy: (from, name, metadata, signal) =>
      attempt(name, "copied", async (at) => {
        const source = `${from.folder.replace(/^s3:\/\//i, "")}/${from.name}`;
        const command = new sdk.CopyObjectCommand({
          ...at,
          CopySource: source.split("/").map(encodeURIComponent).join("/"),
          Metadata: metadata,
          MetadataDirective: "REPLACE",
        });
        await client.send(command, { abortSignal: signal });
      }),

    remove: (name, signal) =>
      attempt(name, "removed", async (at) => {
        await client.send(new sdk.DeleteObjectCommand(at), { abortSignal: signal });
      }),
  };
  return writer;
}

/** An upload in parts. */
interface Upload {
  Bucket: string;
  Key: string;
  UploadId: string | undefined;
}

/**
 * Removes the parts of an upload that failed: they would be paid for. A part that was still on its way can arrive after
 * that, so it is done until the store no longer knows the upload.
 */
async function endUpload(sdk: typeof Sdk, client: S3Client, upload: Upload): Promise<void> {
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
async function sendParts(
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
 * Writes an object, if wanted only where there is none of its name.
 *
 * @param write is called with the condition of the request
 */
async function unlessThere(
  writer: ObjectWriter,
  name: string,
  { ifAbsent }: PutOptions,
  signal: AbortSignal,
  write: (condition: { IfNoneMatch?: string }) => Promise<void>,
): Promise<boolean> {
  try {
    await write(ifAbsent ? { IfNoneMatch: "*" } : {});
    return true;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!ifAbsent) throw error;
    if (statusOf(cause) === 412 || isNamed(cause, "PreconditionFailed")) return false;
    if (statusOf(cause) !== 501) throw error;
    // A store without conditional writes: the time between looking and writing is not covered.
    if ((await writer.describe(name, signal)) !== undefined) return false;
    await write({});
    return true;
  }
}
