import { failure, type VadiError } from "../../common/errors.js";
import { createHttpsStore, isPrivate } from "./https-store.js";
import { createS3Store } from "./s3-store.js";
import type { ObjectStore } from "./types.js";

const kept = new Map<string, Promise<ObjectStore>>();

/**
 * The store of a folder. Those of one bucket or server share their connections.
 *
 * @throws a failure for a URL that names no bucket, or where a package is missing
 */
export async function storeOf(folder: string): Promise<ObjectStore> {
  const s3 = /^s3:\/\/([^/?#]+)(?:\/([^?#]*))?$/i.exec(folder);
  if (s3 !== null) {
    const [, bucket = "", prefix = ""] = s3;
    return remembered(`s3://${bucket}`, () => createS3Store(bucket)).then((store) =>
      store.below(prefix.replace(/\/+$/, "")),
    );
  }
  if (/^https?:/i.test(folder)) return createHttpsStore(httpsUrl(folder));
  throw notAFolder(folder);
}

async function remembered<Store extends ObjectStore>(
  key: string,
  make: () => Promise<Store>,
): Promise<Store> {
  const known = kept.get(key) as Promise<Store> | undefined;
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  return made;
}

/** Plain http is for this machine alone. */
function httpsUrl(folder: string): URL {
  const url = URL.parse(folder);
  if (url === null) throw notAFolder(folder);
  if (!isPrivate(url)) {
    throw failure(`${folder} would be read without encryption; use https://.`);
  }
  return url;
}

function notAFolder(folder: string): VadiError {
  return failure(
    `${folder} names no folder of a store; write s3://BUCKET/PREFIX or https://HOST/PATH.`,
  );
}
