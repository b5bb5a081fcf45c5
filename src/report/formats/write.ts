import path from "node:path";
import { inNewFolder } from "../../files/folders.js";
import { writeFileAtomic } from "../../files/atomic.js";
import type { ReportDocument } from "../page/html.js";
import { renderReport } from "../page/html.js";
import { outputPath } from "../../files/output-path.js";

/**
 * Writes an HTML report atomically and creates the folders above it. Returns its absolute path. Throws a failure if
 * it cannot be written.
 */
export async function writeReport(file: string, document: ReportDocument): Promise<string> {
  const target = outputPath(file);
  const folder = path.dirname(target);
  const refusal = (reason: string): string =>
    `Could not create the folder ${folder} for the report: ${reason}.`;
  await inNewFolder(folder, refusal, () => writeFileAtomic(target, renderReport(document, folder)));
  return target;
}
