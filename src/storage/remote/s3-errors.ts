import { failure, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { PassingError } from "./types.js";

/** Whether an error of the SDK has a name. */
export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/** The status of the store's answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata
    ?.httpStatusCode;
}

/** Whether an error says that there is no such object; of a missing bucket it does not. */
export function isMissing(error: unknown): boolean {
  return isNamed(error, "NoSuchKey") || (isNamed(error, "NotFound") && statusOf(error) === 404);
}

/**
 * The sentence for an error of the SDK; a passing error where another try may succeed.
 *
 * @param what was to be done to the object
 */
export function asFailure(error: unknown, bucket: string, key: string, what = "read"): Error {
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
  // The store has completed it and its answer was lost, or another job has ended it: it begins again.
  if (isNamed(error, "NoSuchUpload"))
    return new PassingError(`${url}: ${message}`, { cause: error });
  if (status === undefined ? isConnection(error) : isPassing(status)) {
    return new PassingError(`${url}: ${message}`, { cause: error });
  }
  return failure(`${url} could not be ${what}: ${message}.`, error);
}

/** Also where the connection broke within a good answer (2xx), and where another writer was faster (409). */
function isPassing(status: number): boolean {
  return status < 300 || status === 408 || status === 409 || status >= 429;
}

function isConnection(error: unknown): boolean {
  if (systemCode(error) !== undefined) return true;
  return (
    error instanceof Error && /Timeout|Abort|socket|network/i.test(`${error.name} ${error.message}`)
  );
}
