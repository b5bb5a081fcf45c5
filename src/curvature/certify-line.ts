import path from "node:path";
import { createPause } from "../common/pause.js";
import type { RunRows } from "../train/index.js";
import { RECORD } from "./certificate/event-records.js";
import { createEventSorter, type EventSorter } from "./certificate/event-sorter.js";
import type { CertifiedInterval, Verdict } from "./certificate/intervals.js";
import type { Line } from "./certificate/row/line-network.js";
import { linePieces, PIECE_ROWS } from "./certificate/line-pieces.js";
import { linearLoss } from "./certificate/linear.js";
import { createProfileTracer } from "./certificate/loss-profile.js";
import { createPartSums, type PieceSums } from "./certificate/part-pieces.js";
import { createSecondDifference, type SecondDifference } from "./certificate/second-difference.js";
import { createSweep, type FallingKink, type KinkCounts } from "./certificate/sweep.js";
import type { CertifyOptions } from "./certificate-types.js";
import type { CertifySettings } from "./certify-options.js";
import { numberedParts, rowSource } from "./products/row-source.js";
import { createCertificateTables } from "./store/certificate-tables.js";
import { openPiecesState, type PiecesState } from "./store/pieces-state.js";

/** In the folder of a certificate that is not complete: events in sorted runs. */
const EVENTS_FILE = "events.bin";
/** Rows of a part of the linear model. */
const LINEAR_ROWS = 16_384;
/** The most intervals and kinks that the record repeats. */
const MOST_LISTED = 1000;

/** What a line is certified with. */
export interface LineJob {
  dataset: RunRows;
  settings: CertifySettings;
  options: Pick<CertifyOptions, "signal" | "onProgress">;
}

/** What is known of the mean loss on a line. */
export interface LineSummary {
  intervalCount: number;
  lengths: Record<Verdict, number>;
  least: CertifiedInterval;
  /** The longest ones, ascending in α. */
  intervals: CertifiedInterval[];
  counts: KinkCounts;
  /** Those that fall most, the largest first. */
  kinks: FallingKink[];
  secondDifference: SecondDifference;
}

/**
 * Certifies a line, and writes the tables of its intervals, kinks and losses.
 *
 * @param partial the folder for what an interrupted job leaves
 * @param folder the folder of the tables
 */
export async function certifyLine(
  job: LineJob,
  line: Line,
  partial: string,
  folder: string,
): Promise<LineSummary> {
  const { batches, memory } = job.settings;
  const { batchSize } = job.settings.line;
  const state = await openPiecesState(partial);
  const room = Math.max(1, Math.floor(memory / 2 / (RECORD * 8)));
  const sorter = createEventSorter(path.join(partial, EVENTS_FILE), room, state.begin?.runs);
  try {
    const begin = await sortPieces(job, line, sorter, state);
    const tables = createCertificateTables(folder);
    const summary = createSummary();
    const sweep = createSweep(line, begin, sorter.count, {
      interval(interval) {
        tables.interval(interval);
        summary.interval(interval);
      },
      kink(found) {
        const batch = batches[Math.floor(found.row / batchSize)]!;
        const kink = { ...found, row: batch * batchSize + (found.row % batchSize) };
        tables.kink(kink);
        summary.kink(kink);
      },
    });
    const difference = createSecondDifference(line);
    const pause = createPause(job.options.signal);
    let done = 0;
    for (const records of sorter.sorted()) {
      sweep.add(records);
      difference.add(records);
      await tables.flush();
      await pause();
      done += records.length / RECORD;
      job.options.onProgress?.({
        phase: "following the line",
        done,
        total: sorter.count,
        unit: "kinks",
      });
    }
    const { counts, profile } = sweep.finish();
    await tables.finish(profile);
    return { ...summary.finish(counts), secondDifference: difference.finish(begin) };
  } finally {
    sorter.close();
  }
}

/** Finds the pieces of all rows, and sorts their events. Returns the sums over the rows. */
async function sortPieces(
  { dataset, settings, options }: LineJob,
  line: Line,
  sorter: EventSorter,
  state: PiecesState,
): Promise<PieceSums> {
  const { signal, onProgress } = options;
  const { batches, workers } = settings;
  const { batchSize } = settings.line;
  const selection = { dataset, batches, batchSize, partRows: PIECE_ROWS, memory: 0, signal };
  const source = rowSource(selection);
  const sums = createPartSums(state.begin?.total);
  let parts = state.begin?.parts ?? 0;
  const pieces = linePieces(line, numberedParts(source, parts), (part) => source.release(part), {
    workers,
    rows: source.rows,
    signal,
  });
  for await (const part of pieces) {
    // What was added before this part is in the file once the memory was full.
    if (sorter.add(part.events)) {
      await state.save({ parts, runs: [...sorter.runs], total: sums.total });
    }
    sums.add(part);
    parts++;
    const { rows } = sums.total;
    onProgress?.({ phase: "finding kinks", done: rows, total: source.rows, unit: "rows", rows });
  }
  return sums.total;
}

/** Certifies a line of the linear model. Its mean loss is a quadratic with 2·mean(q²) ≥ 0, where q is what the direction predicts. */
export async function certifyLinear(
  { dataset, settings, options }: LineJob,
  { centre, direction, from, to }: Line,
  folder: string,
): Promise<LineSummary> {
  const { batches, line } = settings;
  const { batchSize } = line;
  const { signal, onProgress } = options;
  const source = rowSource({
    dataset,
    batches,
    batchSize,
    partRows: LINEAR_ROWS,
    memory: 0,
    signal,
  });
  const { loss, slope, bend, bound } = await linearLoss(centre, direction, source, (done) =>
    onProgress?.({ phase: "certifying", done, total: source.rows, unit: "rows", rows: done }),
  );
  const tables = createCertificateTables(folder);
  const summary = createSummary();
  const interval = { from, to, verdict: "convex", least: bend, bound } as const;
  tables.interval(interval);
  summary.interval(interval);
  const begin = { loss: loss + from * (slope + (from * bend) / 2), slope: slope + from * bend };
  const tracer = createProfileTracer({ from, to }, begin);
  tracer.pass(Float64Array.of(bend, 0, 0, 0, 0), to);
  await tables.finish(tracer.profile);
  const counts = { falling: 0, rising: 0, undecided: 0 };
  const secondDifference = { switches: 0, quotient: bend, fromKinks: 0 };
  return { ...summary.finish(counts), secondDifference };
}

/** What the record repeats of the tables. */
function createSummary() {
  let intervalCount = 0;
  const lengths = { convex: 0, negative: 0, undecided: 0 };
  let least: CertifiedInterval | undefined;
  const longest = createTop<CertifiedInterval>((one, other) => width(other) - width(one));
  const kinks = createTop<FallingKink>((one, other) => one.slopeChange - other.slopeChange);
  return {
    interval(interval: CertifiedInterval): void {
      intervalCount++;
      lengths[interval.verdict] += width(interval);
      if (least === undefined || interval.least < least.least) least = interval;
      longest.add(interval);
    },
    kink: kinks.add,
    finish: (counts: KinkCounts): Omit<LineSummary, "secondDifference"> => ({
      intervalCount,
      lengths,
      least: least!,
      intervals: longest.first().toSorted((one, other) => one.from - other.from),
      counts,
      kinks: kinks.first(),
    }),
  };
}

function width({ from, to }: CertifiedInterval): number {
  return to - from;
}

/** Collects the first ones in an order, of as many as there may be. */
function createTop<Item>(order: (one: Item, other: Item) => number) {
  let items: Item[] = [];
  const first = (): Item[] => (items = items.toSorted(order).slice(0, MOST_LISTED));
  return {
    add(item: Item): void {
      items.push(item);
      if (items.length >= 8 * MOST_LISTED) first();
    },
    first,
  };
}
