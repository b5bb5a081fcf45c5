/** Why an operation ended: `usage` the caller's words are wrong, `failed` the work could not be done, `interrupted` it was asked to stop. */
export type ErrorKind = "usage" | "failed" | "interrupted";

/** Writes the name of an option: `batchSize` in the library, `--batch-size` on the command line. */
export type NameOption = (name: string) => string;

/**
 * A sentence for a person. One that names options is a function, so that a program reads `batchSize`
 * and a user of the command line `--batch-size`:
 * `(option) => \`${option("batchSize")} must be at least 1.\``.
 */
export type Sentence = string | ((option: NameOption) => string);

/**
 * A sentence with the options' names written in some way. Names in it may come from a stranger's file: characters
 * that a terminal obeys are written as escapes, and a sentence stays one line.
 */
export function say(sentence: Sentence, option: NameOption): string {
  const text = printable(typeof sentence === "string" ? sentence : sentence(option));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The longest sentence, in characters: a name in a file may be longer than anyone reads. */
const LONGEST = 4000;

/** A text with escapes for characters that control a terminal, end a line or change the direction of writing. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * The one error class of the library. Its message is a sentence for a person: what happened, where
 * (file, shard, column, row, option), and what to do about it.
 */
export class VadiError extends Error {
  readonly kind: ErrorKind;
  /** The message, for readers who write options in another way. */
  readonly sentence: Sentence;

  constructor(kind: ErrorKind, sentence: Sentence, cause?: unknown) {
    super(
      say(sentence, (name) => name),
      cause === undefined ? undefined : { cause },
    );
    this.name = "VadiError";
    this.kind = kind;
    this.sentence = sentence;
  }
}

/** An option or argument that cannot be right, whatever the files hold (exit code 2). */
export function usageError(sentence: Sentence): VadiError {
  return new VadiError("usage", sentence);
}

/** Work that could not be done (exit code 1). */
export function failure(sentence: Sentence, cause?: unknown): VadiError {
  return new VadiError("failed", sentence, cause);
}

/** Work that was asked to stop (exit code 130). */
export function interruption(sentence: Sentence = "Interrupted."): VadiError {
  return new VadiError("interrupted", sentence);
}

/** Whether an error says that work was asked to stop. */
export function isInterruption(error: unknown): boolean {
  return error instanceof VadiError && error.kind === "interrupted";
}

/** Throws an interruption if the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruption();
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Why a file cannot be used, for code that decodes it. What JavaScript says where code stumbles over content that
 * nobody checked, such as a position outside of a buffer, helps no reader.
 */
export function reasonOf(error: unknown): string {
  const [line = ""] = messageOf(error).split("\n");
  const reason = line.replace(/:? undefined$/, "").replace(/,? but got$/, ", but it is missing");
  const isFault =
    (error instanceof TypeError || error instanceof RangeError) && systemCode(error) === undefined;
  return isFault || /\b(undefined|NaN)\b|\[object/.test(reason)
    ? "its content is malformed"
    : reason;
}

/** The code of a system error (`ENOENT`, `ENOSPC`, …), if the thrown value has one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether a system error says that there is nothing of that name. */
export function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "");
}

/** Whether an error, or what caused it, is that a file cannot be read that is there. */
export function isUnreadable(error: unknown): boolean {
  if (systemCode(error) !== undefined) return !isAbsent(error);
  return error instanceof Error && error.cause !== undefined && isUnreadable(error.cause);
}
