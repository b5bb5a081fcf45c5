import type { DenseNetwork } from "../../model/index.js";
import type { HessianPart, RowPart } from "../products/types.js";

/** Which blocks of a matrix one thread sums. */
export interface Share {
  /** Its number, from 0. */
  index: number;
  /** How many shares there are. */
  of: number;
}

/** The sums of a share's blocks, of each product of groups of columns, as the kernel lays them. */
export type ShareSums = Float64Array[];

/** What a thread is told: rows to add to its sums; or, without rows, to return them. */
export interface MatrixTask {
  network: DenseNetwork;
  part: HessianPart;
  share: Share;
  /** The share's sums to begin with, in the first task. */
  begun?: ShareSums | undefined;
  rows: RowPart | undefined;
}
