import { readBatches } from "../../landscape/index.js";
import type { RunRows } from "../../train/index.js";
import type { RowPart } from "./types.js";

/** The rows of a Hessian, part by part, as often as they are needed. */
export interface RowSource {
  /** Rows of a pass. */
  readonly rows: number;
  /** The parts in their order. A part may be used again once it is released. */
  parts(): AsyncIterable<RowPart>;
  release(part: RowPart): void;
}

/** Which rows, and how they are held. */
export interface RowSelection {
  dataset: Pick<RunRows, "rows" | "features" | "batches">;
  /** Numbers of the batches, ascending. */
  batches: readonly number[];
  batchSize: number;
  /** Rows of a part but for the last. */
  partRows: number;
  /** Bytes up to which the rows stay in memory after the first pass; more are read again in every pass. */
  memory: number;
  signal: AbortSignal | undefined;
  /** Only these of the selected batches' rows, counted from 0. */
  range?: { first: number; rows: number };
}

/** The rows of the selected batches. */
export function rowsOfBatches({
  dataset,
  batches,
  batchSize,
}: Pick<RowSelection, "dataset" | "batches" | "batchSize">): number {
  const last = Math.ceil(dataset.rows / batchSize) - 1;
  const short = batches.at(-1) === last ? (last + 1) * batchSize - dataset.rows : 0;
  return batches.length * batchSize - short;
}

/** A pass over the selected batches of a dataset, in file order, in parts of equal size. */
export function rowSource(selection: RowSelection): RowSource {
  const { dataset, batchSize, partRows, memory, signal } = selection;
  const { features } = dataset;
  const { first, rows } = selection.range ?? { first: 0, rows: rowsOfBatches(selection) };
  const begin = Math.floor(first / batchSize);
  const batches = selection.batches.slice(begin, Math.ceil((first + rows) / batchSize));
  const keep = rows * (features + 1) * 4 <= memory;
  let kept: RowPart[] | undefined;
  const free: RowPart[] = [];

  async function* read(): AsyncGenerator<RowPart, void, void> {
    const found: RowPart[] = [];
    let part = free.pop() ?? emptyPart(partRows, features);
    part.rows = 0;
    // Rows of the batches before the first that is wanted, and those up to the last.
    let before = first - begin * batchSize;
    let left = rows;
    for await (const batch of readBatches(dataset, batches, batchSize, signal)) {
      for (let from = before; from < batch.rows && left > 0;) {
        const count = Math.min(batch.rows - from, partRows - part.rows, left);
        left -= count;
        part.x.set(
          batch.x.subarray(from * features, (from + count) * features),
          part.rows * features,
        );
        part.y.set(batch.y.subarray(from, from + count), part.rows);
        part.rows += count;
        from += count;
        if (part.rows < partRows) continue;
        if (keep) found.push(part);
        yield part;
        part = free.pop() ?? emptyPart(partRows, features);
        part.rows = 0;
      }
      before = 0;
    }
    if (part.rows > 0) {
      if (keep) found.push(part);
      yield part;
    }
    if (keep) kept = found;
  }

  return {
    rows,
    async *parts() {
      if (kept !== undefined) yield* kept;
      else yield* read();
    },
    release(part) {
      if (!keep) free.push(part);
    },
  };
}

/**
 * The parts of a pass with the place of their first row.
 *
 * @yields the parts from number `skipped` on
 */
export async function* numberedParts(
  source: RowSource,
  skipped = 0,
): AsyncGenerator<RowPart & { first: number }, void, void> {
  let first = 0;
  let index = 0;
  for await (const part of source.parts()) {
    const { rows } = part;
    if (index++ >= skipped) yield Object.assign(part, { first });
    else source.release(part);
    first += rows;
  }
}

/** Rows that are in memory already. */
export function rowsInMemory({ x, y, rows }: RowPart, partRows: number): RowSource {
  const features = x.length / Math.max(1, rows);
  const parts: RowPart[] = [];
  for (let from = 0; from < rows; from += partRows) {
    const to = Math.min(rows, from + partRows);
    parts.push({
      x: x.subarray(from * features, to * features),
      y: y.subarray(from, to),
      rows: to - from,
    });
  }
  return {
    rows,
    async *parts() {
      yield* parts;
    },
    release() {},
  };
}

/** Room for rows in memory that all threads share. */
function emptyPart(rows: number, features: number): RowPart {
  return {
    x: new Float32Array(new SharedArrayBuffer(rows * features * 4)),
    y: new Float32Array(new SharedArrayBuffer(rows * 4)),
    rows: 0,
  };
}
