import path from "node:path";

/** A path as any process on any machine may use it; an address such as `s3://bucket/data` stays. */
export function absolute(source: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source) ? source : path.resolve(source);
}
