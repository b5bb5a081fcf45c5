import type { Readable } from "node:stream";
import type * as Sdk from "@aws-sdk/client-s3";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { failure } from "../../common/errors.js";
import { usesPathStyle } from "./path-style.js";
import { asFailure, isMissing } from "./s3-errors.js";
import { createS3Writer } from "./s3-writer.js";
import { PassingError, type ObjectStore } from "./types.js";

/** Connections to a store at once, at most. */
const CONNECTIONS = 32;

/** A bucket. */
export interface Bucket extends ObjectStore {
  /** The objects whose names start with a prefix and a slash. */
  below(prefix: string): ObjectStore;
}

/**
 * A bucket of any store that speaks S3. Endpoint, region and credentials are those that the AWS SDK finds.
 *
 * @throws a failure where the SDK is not installed
 */
export async function createS3Store(bucket: string): Promise<Bucket> {
  const sdk = await loadSdk();
  const client = new sdk.S3Client(await settings());
  const below = (prefix: string): ObjectStore => ({
    async read(name, from, signal) {
      const key = prefix === "" ? name : `${prefix}/${name}`;
      try {
        const range = from > 0 ? { Range: `bytes=${from}-` } : {};
        const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...range });
        const { Body, ContentRange } = await client.send(command, { abortSignal: signal });
        if (Body === undefined) throw new PassingError(`s3://${bucket}/${key} came without a body`);
        const body = Body as Readable;
        return {
          chunks: body,
          from: ContentRange === undefined ? 0 : from,
          close: () => body.destroy(),
        };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw asFailure(error, bucket, key);
      }
    },
    writer: createS3Writer(sdk, client, bucket, prefix),
  });
  return { ...below(""), below };
}

/** Loads the SDK, an optional peer dependency. */
async function loadSdk(): Promise<typeof Sdk> {
  // Its warning about versions of Node is not for those who read a table.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  try {
    return await import("@aws-sdk/client-s3");
  } catch (error) {
    throw failure(
      "s3:// needs a package that is not installed; run 'npm install @aws-sdk/client-s3' where vadi is installed.",
      error,
    );
  }
}

async function settings(): Promise<S3ClientConfig> {
  return {
    // Not every store knows the checksums that the SDK adds by default.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    forcePathStyle: await usesPathStyle(),
    requestHandler: {
      connectionTimeout: 10_000,
      // Longer than a download waits for a byte.
      socketTimeout: 60_000,
      httpsAgent: { maxSockets: CONNECTIONS, keepAlive: true },
      httpAgent: { maxSockets: CONNECTIONS, keepAlive: true },
    },
  };
}
