import { stripVTControlCharacters } from "node:util";
import { formatCount, plainNumber } from "../../common/text/numbers.js";
import { formatBytes } from "../../common/text/sizes.js";
import { formatSeconds } from "../../common/text/times.js";
import type { OnProgress, Progress } from "../../common/progress.js";

/*
 * Progress on stderr: on a terminal one line that is rewritten, elsewhere a plain line every few seconds.
 */

/** Seconds between two lines. */
const TERMINAL_INTERVAL = 0.1;
const PLAIN_INTERVAL = 5;
const BAR_WIDTH = 20;

/** Seconds before the first rate and time left are shown: earlier ones would measure the start-up. */
const FIRST_ESTIMATE = 1;

export interface ProgressTarget {
  write: (text: string) => void;
  isTerminal: boolean;
  /** The current width of the terminal. */
  columns: () => number;
  /** Seconds of a monotonic clock. */
  now: () => number;
}

export interface ProgressDisplay {
  onProgress: OnProgress;
  /** Removes the line, so that something else can be printed. */
  clear: () => void;
}

/** The first progress of a phase, from which rates are measured. */
interface Start {
  phase: string;
  time: number;
  done: number;
  rows: number;
  bytes: number;
}

function rowsOf(progress: Progress): number | undefined {
  return progress.unit === "rows" ? progress.done : progress.rows;
}

function bytesOf(progress: Progress): number | undefined {
  return progress.unit === "bytes" ? progress.done : progress.bytes;
}

function startOf(progress: Progress, time: number): Start {
  return {
    phase: progress.phase,
    time,
    done: progress.done,
    rows: rowsOf(progress) ?? 0,
    bytes: bytesOf(progress) ?? 0,
  };
}

/** `1.2M of 10M rows, 2.3M rows/s, 48 MiB, loss 0.0102, 4 s left` */
function facts(progress: Progress, start: Start, time: number): string[] {
  const seconds = time - start.time;
  const parts: string[] = [];
  if (progress.unit === "bytes") {
    parts.push(`${formatBytes(progress.done)} of ${formatBytes(progress.total)}`);
  } else {
    const done = formatCount(progress.done);
    parts.push(`${done} of ${formatCount(progress.total)} ${progress.unit}`);
  }
  const rows = rowsOf(progress);
  if (rows !== undefined && seconds >= FIRST_ESTIMATE) {
    parts.push(`${formatCount((rows - start.rows) / seconds)} rows/s`);
  }
  const bytes = bytesOf(progress);
  if (bytes !== undefined && progress.unit !== "bytes") parts.push(formatBytes(bytes));
  else if (bytes !== undefined && seconds >= FIRST_ESTIMATE) {
    parts.push(`${formatBytes((bytes - start.bytes) / seconds)}/s`);
  }
  if (progress.loss !== undefined) parts.push(`loss ${plainNumber(progress.loss, 4)}`);
  if (progress.rSquared !== undefined) parts.push(`R² ${plainNumber(progress.rSquared, 4)}`);
  const passed = progress.done - start.done;
  if (passed > 0 && progress.done < progress.total && seconds >= FIRST_ESTIMATE) {
    const left = ((progress.total - progress.done) * seconds) / passed;
    parts.push(`${formatSeconds(left < 10 ? Math.ceil(left) : Math.round(left))} left`);
  }
  return parts;
}

function fraction(progress: Progress): number {
  if (!(progress.total > 0)) return 0;
  return Math.min(1, Math.max(0, progress.done / progress.total));
}

function terminalLine(progress: Progress, start: Start, time: number, columns: number): string {
  const part = fraction(progress);
  const full = Math.round(part * BAR_WIDTH);
  const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  const percent = `${Math.floor(part * 100)}%`.padStart(5);
  const line = `${progress.phase} ${bar}${percent}  ${facts(progress, start, time).join(", ")}`;
  // A line that wraps cannot be rewritten.
  return stripVTControlCharacters(line).slice(0, Math.max(0, columns - 1));
}

function plainLine(progress: Progress, start: Start, time: number): string {
  const percent = `${Math.floor(fraction(progress) * 100)}%`;
  return `${progress.phase}: ${percent}, ${facts(progress, start, time).join(", ")}`;
}

/** Shows progress on a terminal at most ten times a second, elsewhere about every five seconds. */
export function showProgress(target: ProgressTarget): ProgressDisplay {
  const interval = target.isTerminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL;
  // Outside a terminal, short work prints no line at all.
  let shownAt = target.isTerminal ? Number.NEGATIVE_INFINITY : target.now();
  let start: Start | undefined;
  let reached = 0;
  let visible = false;

  return {
    onProgress(progress) {
      const time = target.now();
      // Less than before: the same phase of another task.
      const isNext = start?.phase !== progress.phase || progress.done < reached;
      if (start === undefined || isNext) start = startOf(progress, time);
      reached = progress.done;
      if (time - shownAt < interval) return;
      shownAt = time;
      if (target.isTerminal) {
        target.write(`\r${terminalLine(progress, start, time, target.columns())}\u001B[K`);
        visible = true;
      } else {
        target.write(`${plainLine(progress, start, time)}\n`);
      }
    },
    clear() {
      if (!visible) return;
      target.write("\r\u001B[K");
      visible = false;
    },
  };
}

/** Shows nothing. */
export const noProgress: ProgressDisplay = { onProgress: () => {}, clear: () => {} };
