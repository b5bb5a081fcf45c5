import type { Texts } from "../../language/index.js";
import type { LessonName, LessonPlan } from "./lesson.js";
import { line } from "./line.js";
import { machine } from "./machine.js";
import { network } from "./network.js";
import { valley } from "./valley.js";

/** The parts of the course with their lessons, in the notebook's order. */
export const COURSE: readonly {
  part: keyof Texts["course"]["parts"];
  lessons: readonly LessonName[];
}[] = [
  { part: "line", lessons: ["lsm-data", "closed-form", "gradient-descent", "autograd"] },
  { part: "valley", lessons: ["paraboloid", "walk", "slice-random", "slice-optimum"] },
  { part: "batches", lessons: ["sgd", "sgd-large", "batches-overlaid"] },
  {
    part: "network",
    lessons: ["two-layer-sigmoid-data", "mlp", "mlp-batches-overlaid", "mlp-zoom"],
  },
  { part: "farther", lessons: ["hundred-million", "optimisers", "device", "non-convexity"] },
];

/** The lessons in order. */
export const lessonNames: readonly LessonName[] = COURSE.flatMap(({ lessons }) => lessons);

/** The plan of each lesson. */
export const PLANS: Readonly<Record<LessonName, LessonPlan<never>>> = {
  ...line,
  ...valley,
  ...network,
  ...machine,
};
