import { VadiError } from "../../src/common/errors.js";

/** How reading an input ended. */
export type Verdict =
  /** `same`: what the whole files say. `other`: other values, which nothing says are wrong. */
  | { kind: "same" | "other" | "refused" }
  /** What must not happen, and the words for it. */
  | { kind: "finding"; what: string };

/** One printable line that is not too short to say something, and not too long to read. */
const SENTENCE = /^[^\p{Cc}\p{Cs}\u2028\u2029]{10,4100}$/u;

/** What engines say when a program has a fault; in a sentence for a person it says that nothing was checked. */
const FAULTS =
  /Cannot (read|set|convert|mix|destructure|access)|is not (a function|iterable|a constructor|defined)|Invalid (array|typed array|string) length|Array buffer allocation|out of bounds|Maximum call stack|outside the bounds|start offset|undefined|NaN|\[object|unreachable/;

/** Judges an error: vadi's own with a sentence is a refusal. */
export function judgeError(error: unknown): Verdict {
  if (!(error instanceof VadiError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: "finding", what: `not vadi's error: ${stack}` };
  }
  const { message } = error;
  if (error.kind === "interrupted" || !SENTENCE.test(message) || FAULTS.test(message)) {
    return { kind: "finding", what: `no sentence for a person: ${JSON.stringify(message)}` };
  }
  return { kind: "refused" };
}

/** Judges what was read, given what the whole files say. */
export function judgeText(text: string, whole: string, isChecked: boolean): Verdict {
  if (text === whole) return { kind: "same" };
  if (!isChecked) return { kind: "other" };
  return { kind: "finding", what: `other values although there is a checksum: ${text}` };
}

/** What inherited properties a program may have set by mistake; undefined: none. */
export function pollution(): string | undefined {
  const inherited = [Object.prototype, Array.prototype].flatMap((one) => Object.keys(one));
  return inherited.length === 0 ? undefined : `every object now has ${inherited.join(", ")}`;
}
