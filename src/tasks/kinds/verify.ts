import { z } from "zod/mini";
import { failure } from "../../common/errors.js";
import { readManifest, verifyDataset, type VerifyResult } from "../../storage/index.js";
import { divide, upTo } from "../divide.js";
import { readResults } from "../results.js";
import type { Outcome, Task, WorkOptions, TaskOf } from "../types.js";

const foundSchema = z.strictObject({
  fingerprint: z.string(),
  files: z.number(),
  bytes: z.number(),
  /** Those that are not as they were written. */
  wrong: z.array(
    z.strictObject({
      file: z.string(),
      status: z.enum(["damaged", "missing", "extra"]),
      reason: z.exactOptional(z.string()),
    }),
  ),
});

/** Checks some shards of a dataset. */
export async function runVerify(
  { spec, shards }: TaskOf<"verify">,
  { signal, onProgress }: WorkOptions,
): Promise<Outcome> {
  const { fingerprint } = await readManifest(spec.dataset);
  const result = await verifyDataset(spec.dataset, {
    shards,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const wrong = result.shards.filter(({ status }) => status !== "ok");
  const found = { fingerprint, files: result.shards.length, bytes: result.bytes, wrong };
  return { rows: result.rows, found, hasFiles: false };
}

/** The tasks of a verification. */
export async function planVerify(dataset: string, parts: string, tasks: number): Promise<Task[]> {
  const { manifest } = await readManifest(dataset);
  const ranges = divide(upTo(manifest.shards.length), tasks);
  return ranges.map((shards, task) => ({
    kind: "verify",
    task,
    tasks: ranges.length,
    parts,
    spec: { dataset },
    shards,
  }));
}

/** What all tasks found; `shards` lists those files alone that are not as they were written. */
export async function mergeVerify(parts: string): Promise<VerifyResult & { files: number }> {
  const results = await readResults(parts, "verify");
  const merged = { ok: true, rows: 0, bytes: 0, files: 0, shards: [] as VerifyResult["shards"] };
  let fingerprint: string | undefined;
  for (const { task, found, rows } of results) {
    const parsed = foundSchema.safeParse(found);
    if (!parsed.success || parsed.data.fingerprint !== (fingerprint ??= parsed.data.fingerprint)) {
      throw failure(
        `The results in ${parts} are not of one dataset: that of task ${task.task} is of another manifest than those before it.`,
      );
    }
    const { files, bytes, wrong } = parsed.data;
    merged.rows += rows;
    merged.bytes += bytes;
    merged.files += files;
    merged.shards.push(...wrong);
  }
  return { ...merged, ok: merged.shards.length === 0 };
}
