import { createDoubleDouble, type DoubleDouble } from "./double-double.js";
import { createRecordList } from "./event-records.js";
import type { Line, LineNetwork } from "./row/line-network.js";
import { createRowPieces } from "./row/row-pieces.js";

/** Numbers of a sum: the loss and its slope at the begin of the line, and the quartic of its second derivative. */
export const SUMS = 7;

/** Sums over some rows. */
export interface PieceSums {
  rows: number;
  /** Of the sum over the rows: the loss and its slope at the begin, and the second derivative's coefficients there. */
  sums: Float64Array<ArrayBuffer>;
  /** What each of them has besides, as a double-double number. */
  rests: Float64Array<ArrayBuffer>;
  /** Bounds of the second derivative's rounding error, and of its magnitude. */
  error: number;
  magnitude: number;
}

/** The pieces of some rows' squared errors on a line. */
export interface PartPieces extends PieceSums {
  /** Records of the events, row by row. */
  events: Float64Array<ArrayBuffer>;
}

/** Some rows, with the number of the first. */
export interface NumberedRows {
  x: Float32Array;
  y: Float32Array;
  rows: number;
  first: number;
}

/** What a thread needs to know for a part of the rows. */
export interface PiecesTask {
  /** Identifies the line within its process. */
  id: number;
  line: Line;
  rows: NumberedRows;
}

/** Finds the pieces of a part of the rows, on an interval of a line. */
export function createPartPieces(
  network: LineNetwork,
  from: number,
  to: number,
): (rows: NumberedRows) => PartPieces {
  const piecesOf = createRowPieces(network, from, to);
  const { features } = network;
  return ({ x, y, rows, first }) => {
    const sums = createSums();
    const list = createRecordList();
    let [error, magnitude] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const at = row * features;
      const pieces = piecesOf(x.subarray(at, at + features), y[row]!);
      sums[0]!.add(pieces.loss);
      sums[1]!.add(pieces.slope);
      for (let k = 0; k < 5; k++) sums[2 + k]!.add(pieces.bend[k]!);
      error += pieces.error;
      magnitude += pieces.magnitude;
      for (const event of pieces.events) list.add(event, first + row);
    }
    return { rows, ...packed(sums), error, magnitude, events: list.records() };
  };
}

function createSums(): DoubleDouble[] {
  return Array.from({ length: SUMS }, createDoubleDouble);
}

function packed(sums: readonly DoubleDouble[]): Pick<PieceSums, "sums" | "rests"> {
  return {
    sums: Float64Array.from(sums, ({ value }) => value),
    rests: Float64Array.from(sums, ({ rest }) => rest),
  };
}

/** Adds parts in their order, without their events. */
export interface PartSums {
  add(part: PieceSums): void;
  readonly total: PieceSums;
}

/** @param begin what was added before */
export function createPartSums(begin?: PieceSums): PartSums {
  const sums = createSums();
  let [rows, error, magnitude] = [0, 0, 0];
  const add = (part: PieceSums): void => {
    for (let k = 0; k < SUMS; k++) {
      sums[k]!.add(part.sums[k]!);
      sums[k]!.add(part.rests[k]!);
    }
    rows += part.rows;
    error += part.error;
    magnitude += part.magnitude;
  };
  if (begin !== undefined) add(begin);
  return {
    add,
    get total() {
      return { rows, ...packed(sums), error, magnitude };
    },
  };
}
