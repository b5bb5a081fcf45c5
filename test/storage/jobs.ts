import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { assert } from "../helpers/test.js";
import { writeDataset, type GenerateSpec } from "../../src/storage/index.js";
import { assertRejects, namesIn } from "./folders.js";

const CHILD = fileURLToPath(new URL("generate-child.js", import.meta.url));

/** A process that generates a dataset, to be stopped and killed. */
export function startChild(spec: GenerateSpec): ChildProcess {
  return spawn(process.execPath, [CHILD, JSON.stringify(spec)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Waits until a child has printed a word, or has ended. */
export async function untilPrinted(child: ChildProcess, word: string): Promise<void> {
  let text = "";
  const ended = once(child, "close");
  const printed = new Promise<void>((resolve) => {
    child.stdout!.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(word)) resolve();
    });
  });
  await Promise.race([printed, ended]);
}

/** Generates until the given number of progress reports have come, and is aborted then. */
export async function abortAfter(
  spec: GenerateSpec,
  phase: string,
  reports: number,
): Promise<void> {
  const stop = new AbortController();
  let seen = 0;
  const made = writeDataset(spec, {
    signal: stop.signal,
    onProgress(progress) {
      if (progress.phase === phase && ++seen === reports) stop.abort();
    },
  });
  await assertRejects(made, "interrupted", /Interrupted/);
}

/** Names that no finished, interrupted or refused job leaves. */
export async function assertNothingTemporary(folder: string): Promise<void> {
  const names = await namesIn(folder);
  assert.equal(
    names.filter((name) => name.endsWith(".tmp") || name === ".lock"),
    [],
  );
}
