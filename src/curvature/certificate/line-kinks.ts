import type { DenseNetwork } from "../../model/index.js";
import { linePieces, type PiecesOptions } from "./line-pieces.js";
import { createPartSums, type NumberedRows } from "./part-pieces.js";
import { createSecondDifference, type SecondDifference } from "./second-difference.js";

/**
 * Counts the (row, unit) pairs that switch within a distance of a network's weights along a direction, and
 * finds what the kinks add to the second difference of the mean loss there.
 *
 * @param release as of `linePieces`
 */
export async function kinksAlong<Part extends NumberedRows>(
  line: { centre: DenseNetwork; direction: DenseNetwork; radius: number },
  parts: AsyncIterable<Part>,
  release: (part: Part) => void,
  options: PiecesOptions & { onRows?: (done: number) => void },
): Promise<SecondDifference> {
  const { centre, direction, radius } = line;
  const ends = { centre, direction, from: -radius, to: radius };
  const sums = createPartSums();
  const difference = createSecondDifference(ends);
  for await (const part of linePieces(ends, parts, release, options)) {
    sums.add(part);
    difference.add(part.events);
    options.onRows?.(sums.total.rows);
  }
  return difference.finish(sums.total);
}
