import { lessons } from "./lessons/index.js";
import { counted, number } from "./words.js";

/** Lessons and the first page of the course. */
export const course = {
  lessons,
  title: "Valleys: a course on loss and descent",
  subtitle: (count: number) =>
    `${counted(count, "lesson")}, in order. Each asks one question, shows what a run on this machine found, and ends with commands to try.`,
  parts: {
    line: "A line through the points",
    valley: "The valley: surfaces and slices",
    batches: "A batch at a time",
    network: "A network",
    farther: "Farther: more rows, better steps, other machines, and a proof",
  },
  again: "Make this course again",
  place: (lesson: number, count: number) => `Lesson ${number(lesson)} of ${number(count)}`,
  toContents: "All lessons",
  method: "What is done",
  look: "What you see",
  numbers: "Numbers of this run",
  tries: "What to try next",
  triesText:
    "Each command writes a report of its own. Open it beside this one and compare the figures.",
  previous: "Previous",
  next: "Next",
};
