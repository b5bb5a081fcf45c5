import type { Readable } from "node:stream";
import type * as Sdk from "@aws-sdk/client-s3";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { failure, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { usesPathStyle } from "./path-style.js";
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
        if (
          isNamed(error, "NoSuchKey") ||
          (isNamed(error, "NotFound") && statusOf(error) === 404)
        ) {
          return undefined;
        }
        throw asFailure(error, bucket, key);
      }
    },
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
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
      httpsAgent: { maxSockets: CONNECTIONS, keepAlive: true },
      httpAgent: { maxSockets: CONNECTIONS, keepAlive: true },
    },
  };
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** The sentence for an error of the SDK; a passing error where another try may succeed. */
function asFailure(error: unknown, bucket: string, key: string): Error {
  if (error instanceof VadiError || error instanceof PassingError) return error;
  const url = `s3://${bucket}/${key}`;
  const status = statusOf(error);
  const message = messageOf(error).replace(/\.$/, "");
  if (isNamed(error, "NoSuchBucket")) return failure(`There is no bucket ${bucket}.`, error);
  if (status === 401 || status === 403) {
    return failure(`${url} may not be accessed with these credentials: ${message}.`, error);
  }
  if (isNamed(error, "CredentialsProviderError")) {
    return failure(
      `There are no credentials for ${url}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.`,
      error,
    );
  }
  if (/region is missing/i.test(message)) {
    return failure(`There is no region for ${url}: set AWS_REGION.`, error);
  }
  const isPassing =
    status === undefined ? systemCode(error) !== undefined || isConnection(error) : status >= 429;
  if (isPassing || (status !== undefined && status >= 200 && status < 300)) {
    return new PassingError(`${url}: ${message}`, { cause: error });
  }
  return failure(`${url} could not be read: ${message}.`, error);
}

function isConnection(error: unknown): boolean {
  return (
    error instanceof Error && /Timeout|Abort|socket|network/i.test(`${error.name} ${error.message}`)
  );
}
