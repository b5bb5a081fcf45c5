import { closeSync, openSync, writeSync } from "node:fs";
import { placeWhole } from "./atomic.js";
import { tableNotWritten, type TableValues } from "./row-table.js";

/**
 * Writes a table of float32 columns as an Arrow IPC file, a record batch for each part, so that no
 * more than one is held; the file appears under its name only when it is whole.
 *
 * @throws a failure that names the file
 */
export async function writeArrowTable(
  file: string,
  names: readonly string[],
  parts: AsyncIterable<TableValues>,
): Promise<void> {
  // Loaded only where Arrow files are written: apache-arrow takes as long as all else of storage.
  const { createArrowTableWriter } = await import("./arrow-writer.js");
  try {
    await placeWhole(file, async (temporary) => {
      const descriptor = openSync(temporary, "w");
      try {
        const writer = createArrowTableWriter(names, (bytes) => {
          for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
        });
        for await (const part of parts) writer.append(part);
        writer.finish();
      } finally {
        closeSync(descriptor);
      }
    });
  } catch (error) {
    throw tableNotWritten(file, error);
  }
}
