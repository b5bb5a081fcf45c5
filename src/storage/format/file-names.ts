/** Describes a dataset. It is written last, so a folder that has it holds a complete dataset. */
export const MANIFEST_FILE = "manifest.json";

/** The hashes of every shard and of the manifest, as sha256sum reads them. */
export const CHECKSUMS_FILE = "SHA256SUMS";
