import { fstatSync, writeSync } from "node:fs";
import { failure, messageOf, systemCode } from "../../common/errors.js";

/** stdout or stderr; without a descriptor it is a stream of the caller's. */
export type OutputStream = NodeJS.WriteStream & { fd?: number };

/** Writes the whole text to a stream, and throws the system's error where that cannot be done. */
export async function writeAll(stream: OutputStream, text: string): Promise<void> {
  // On a disk that becomes full Node's own stream loses the rest of a text without an error.
  const { fd } = stream;
  if (fd !== undefined && isFile(fd)) {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    return;
  }
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Writes a result to stdout.
 *
 * @returns whether anyone reads it: not where a pipe is closed, as by `vadi … | head -1`, which is no error
 * @throws a failure where it cannot be written, on a full disk for example
 */
export async function writeResult(stdout: OutputStream, text: string): Promise<boolean> {
  try {
    await writeAll(stdout, text);
    return true;
  } catch (error) {
    if (systemCode(error) === "EPIPE") return false;
    const why =
      systemCode(error) === "ENOSPC" ? "no space is left where it goes" : messageOf(error);
    throw failure(
      `The result could not be written to standard output: ${why}; free some space there, or send it elsewhere.`,
      error,
    );
  }
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}
