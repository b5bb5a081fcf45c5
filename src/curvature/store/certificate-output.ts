import type { OutputChoice } from "../../files/output-folder.js";
import { openPartialOutput, type PartialOutput } from "../../files/partial-output.js";

/** The name of the record within a certificate's folder. */
export const CERTIFICATE_FILE = "certificate.json";

/** What a certificate's folder holds. The record is last, since it marks the result as complete. */
export const CERTIFICATE_FILES: readonly string[] = [
  "centre",
  "directions",
  "intervals.parquet",
  "kinks.parquet",
  "profile.parquet",
  CERTIFICATE_FILE,
];

/** Makes and locks a certificate's folder. Errors as of `openPartialOutput`. */
export function openCertificateOutput(out: string, choice: OutputChoice): Promise<PartialOutput> {
  const { resume = false, force = false } = choice;
  return openPartialOutput(
    out,
    { name: "a certificate", files: CERTIFICATE_FILES },
    { resume, force },
  );
}
