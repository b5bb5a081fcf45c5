import type * as Sdk from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { asFailure, isMissing, isNamed, statusOf } from "./s3-errors.js";
import { endUpload, listUploads, sendParts } from "./s3-uploads.js";
import type { ObjectWriter, PutOptions } from "./types.js";

/** How stores answer that do not list uploads, or not for these credentials. */
const NO_LISTS = new Set([400, 403, 404, 405, 501]);

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

    async uploads(start, signal) {
      try {
        return await attempt(start, "listed", (at) =>
          listUploads(sdk, client, at, keyOf("").length, signal),
        );
      } catch (error) {
        const status = statusOf(error instanceof Error ? error.cause : undefined);
        if (status === undefined || !NO_LISTS.has(status)) throw error;
        return undefined;
      }
    },

    endUpload: (name, UploadId) =>
      endUpload(sdk, client, { Bucket: bucket, Key: keyOf(name), UploadId }),

    remove: (name, signal) =>
      attempt(name, "removed", async (at) => {
        await client.send(new sdk.DeleteObjectCommand(at), { abortSignal: signal });
      }),
  };
  return writer;
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
