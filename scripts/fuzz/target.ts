/*
 * What a fuzzer reads. A sample is a small folder that vadi itself, or another program, has written. An input
 * is a copy of it of which one file has been changed.
 */

/** A kind of files, and how vadi reads them. */
export interface Target {
  /** Writes the samples as folders below a folder. Called once; the same every time. */
  write(folder: string): Promise<void>;
  /** The readers of the samples, by the names of their folders. */
  samples: Readonly<Record<string, Sample>>;
}

/** How a sample is damaged and read. */
export interface Sample {
  /** The files that are changed, by their paths in the folder. */
  files: readonly string[];
  /**
   * Reads a folder, and returns what it says: the same text where it says the same. Throws vadi's own error
   * where it must not be read.
   *
   * @param changed the file that has been changed; undefined: none
   */
  read(folder: string, changed: string | undefined): Promise<string>;
  /** Files whose damage must be noticed, since their checksums are in others: read to the same text, or refused. */
  checked?: readonly string[];
}
