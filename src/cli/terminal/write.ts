import { fstatSync, writeSync } from "node:fs";
import { failure, messageOf, systemCode } from "../../common/errors.js";

/** stdout or stderr; a stream without a descriptor belongs to the caller. */
export type OutputStream = NodeJS.WriteStream & { fd?: number };

/** Writes all of a text to a stream. Throws the system's error if it cannot. */
export async function writeAll(stream: OutputStream, text: string): Promise<void> {
  // When a disk becomes full, Node's streams lose the rest of a text without an error.
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
 * @returns false if the reader has closed the pipe, as in `vadi … | head -1`, which is not an error
 * @throws a failure if it cannot be written, for example on a full disk
 */
export async function printResult(stdout: OutputStream, text: string): Promise<boolean> {
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
