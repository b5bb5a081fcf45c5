import type { Floats } from "../format/types.js";

/** Consecutive rows; the arrays may be used again once the next are asked for. */
export interface StreamedRows {
  /** Rows × D, row-major. */
  x: Floats;
  y: Floats;
  rows: number;
  /** Rows before these that were left out. */
  dropped?: number;
}
