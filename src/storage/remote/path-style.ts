import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/**
 * Whether buckets are addressed as HOST/BUCKET rather than BUCKET.HOST: so where an endpoint is named, since a
 * store of one's own seldom has a host name for each bucket.
 */
export async function usesPathStyle(): Promise<boolean> {
  const { env } = process;
  if (env["AWS_ENDPOINT_URL"] !== undefined || env["AWS_ENDPOINT_URL_S3"] !== undefined)
    return true;
  const file = env["AWS_CONFIG_FILE"] ?? path.join(homedir(), ".aws", "config");
  const text = await readFile(file, "utf8").catch(() => "");
  return /^\s*endpoint_url\s*=/m.test(text);
}
