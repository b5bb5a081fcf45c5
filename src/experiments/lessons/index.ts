/**
 * The lessons of the course: for each experiment its place, its formula, its numbers and the commands to try. Their
 * words are in the languages, as `course.lessons`.
 *
 * @module
 */
export { COURSE, lessonNames, PLANS } from "./course.js";
export type { LessonName } from "./lesson.js";
export { isLesson, lessonOf, lessonTitle } from "./make-lesson.js";
