/**
 * The words of one lesson. They hold for any options: what depends on the run is said by the figures, their claims
 * and the numbers.
 */
export interface LessonWords {
  title: string;
  /** What a reader wants to know, as a question. */
  question: string;
  /** What is done to answer it; a formula stands beside. */
  method: string;
  /** What to look for in the figures, and why it is so. */
  look: string;
  /** The names of the numbers, by what they are. */
  numbers: Readonly<Record<string, string>>;
  /** What to expect of each command to try. */
  tries: readonly string[];
}
