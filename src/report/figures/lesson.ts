/** What makes a report a lesson: what stands around the figures of an experiment. All of it is text, of any origin. */
export interface Lesson {
  /** Its place in the course, from 1. */
  number: number;
  /** Lessons of the course. */
  count: number;
  question: string;
  /** What is done, in a few sentences. */
  method: string;
  /** The method as a formula, in TeX. */
  formula: string;
  /** What to look for in the figures, and why it is so. */
  look: string;
  /** Numbers of this run, as the language writes them. */
  numbers: { name: string; value: string }[];
  /** Commands with other options, each with a sentence on what to expect. */
  tries: { command: string; text: string }[];
  previous?: Neighbour;
  next?: Neighbour;
  /** The folder of the course, absolute, if the lesson is part of one: its neighbours are folders in it. */
  course?: string;
}

/** The lesson before or after another. */
export interface Neighbour {
  /** The experiment's name. */
  name: string;
  title: string;
}
