import type { DenseNetwork } from "../../model/index.js";
import { linePieces, PIECE_ROWS, type PiecesOptions } from "./line-pieces.js";
import { createPartSums, SUMS, type NumberedRows, type PieceSums } from "./part-pieces.js";
import {
  createSecondDifference,
  secondDifferenceOf,
  type EventSums,
  type SecondDifference,
} from "./second-difference.js";

/** Parts that are added to each other before they are added to the rest. */
const GROUP_PARTS = 128;

/** How many rows a group of parts has. Many machines find what some groups add each. */
export const KINK_GROUP_ROWS: number = GROUP_PARTS * PIECE_ROWS;

/** What some rows add to a second difference. */
interface RowSums {
  events: EventSums;
  begin: PieceSums;
}

/** A line through a network's weights, to both sides. */
export interface KinkLine {
  centre: DenseNetwork;
  direction: DenseNetwork;
  radius: number;
}

/**
 * Counts the (row, unit) pairs that switch within a distance of a network's weights along a direction, and
 * finds what the kinks add to the second difference of the mean loss there, in groups of rows.
 *
 * @param release as of `linePieces`
 * @yields what a group of `KINK_GROUP_ROWS` rows adds, as `kinksOfGroups` takes it
 */
export async function* kinksAlong<Part extends NumberedRows>(
  { centre, direction, radius }: KinkLine,
  parts: AsyncIterable<Part>,
  release: (part: Part) => void,
  options: PiecesOptions & { onRows?: (done: number) => void },
): AsyncGenerator<number[], void, void> {
  const ends = { centre, direction, from: -radius, to: radius };
  const group = () => ({ sums: createPartSums(), difference: createSecondDifference(ends) });
  let [{ sums, difference }, done, count] = [group(), 0, 0];
  const numbers = (): number[] => numbersOf({ events: difference.sums, begin: sums.total });
  for await (const part of linePieces(ends, parts, release, options)) {
    sums.add(part);
    difference.add(part.events);
    done += part.rows;
    options.onRows?.(done);
    if (++count < GROUP_PARTS) continue;
    yield numbers();
    [{ sums, difference }, count] = [group(), 0];
  }
  if (count > 0) yield numbers();
}

/** The second difference from what all groups add, in their order. */
export async function kinksOfGroups(
  radius: number,
  groups: AsyncIterable<readonly number[]> | Iterable<readonly number[]>,
): Promise<SecondDifference> {
  const begin = createPartSums();
  const events: EventSums = { switches: 0, smooth: 0, kinks: 0 };
  for await (const group of groups) {
    const added = sumsOf(group);
    begin.add(added.begin);
    for (const name of ["switches", "smooth", "kinks"] as const) {
      events[name] += added.events[name];
    }
  }
  return secondDifferenceOf({ from: -radius, to: radius }, events, begin.total);
}

/** Rows, error, magnitude, then what the events add, and the sums at the begin of the line. */
function numbersOf({ events, begin }: RowSums): number[] {
  const { rows, error, magnitude, sums, rests } = begin;
  const { switches, smooth, kinks } = events;
  return [rows, error, magnitude, switches, smooth, kinks, ...sums, ...rests];
}

function sumsOf(numbers: readonly number[]): RowSums {
  const [rows = 0, error = 0, magnitude = 0, switches = 0, smooth = 0, kinks = 0] = numbers;
  const rest = Float64Array.from(numbers.slice(6));
  const [sums, rests] = [rest.slice(0, SUMS), rest.slice(SUMS)];
  return { events: { switches, smooth, kinks }, begin: { rows, error, magnitude, sums, rests } };
}

/** How many numbers a group has. */
export const KINK_NUMBERS: number = 6 + 2 * SUMS;
