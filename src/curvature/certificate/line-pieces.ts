import type { DenseNetwork } from "../../model/index.js";
import { createDoubleDouble } from "./double-double.js";
import { createEventStore } from "./event-store.js";
import { lineNetwork } from "./line-network.js";
import { createRowPieces } from "./row-pieces.js";
import type { LinePieces } from "./sweep.js";

/** Some rows, with the number of the first. */
export interface NumberedRows {
  x: Float32Array;
  y: Float32Array;
  rows: number;
  first: number;
}

/**
 * Reads the rows, and finds the pieces of their squared errors on an interval of a line.
 *
 * @param most events; undefined is returned where there are more
 */
export async function linePieces(
  line: { centre: DenseNetwork; direction: DenseNetwork; from: number; to: number },
  source: AsyncIterable<NumberedRows>,
  most: number,
  pause: () => Promise<void>,
): Promise<LinePieces | undefined> {
  const { from, to } = line;
  const network = lineNetwork(line.centre, line.direction);
  const piecesOf = createRowPieces(network, from, to);
  const events = createEventStore(most);
  const bends = Array.from({ length: 5 }, () => createDoubleDouble());
  let [rows, error, magnitude] = [0, 0, 0];
  for await (const batch of source) {
    for (let row = 0; row < batch.rows; row++) {
      const at = row * network.features;
      const pieces = piecesOf(batch.x.subarray(at, at + network.features), batch.y[row]!);
      for (const [k, bend] of bends.entries()) bend.add(pieces.bend[k]!);
      error += pieces.error;
      magnitude += pieces.magnitude;
      for (const event of pieces.events) {
        if (!events.add(event, batch.first + row)) return undefined;
      }
      if (row % 64 === 63) await pause();
    }
    rows += batch.rows;
  }
  const bend = bends.map(({ value }) => value);
  return { from, to, rows, bend, error: error * (1 + rows * 2 ** -52), magnitude, events };
}
