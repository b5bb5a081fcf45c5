/** Describes a dataset. It is written last, so a folder that has it holds a complete dataset. */
export const MANIFEST_FILE = "manifest.json";
