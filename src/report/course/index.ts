/**
 * The first page of a course: its lessons in order, with a small drawing of each. Uses the page's style and the
 * figures of experiments' documents.
 *
 * @module
 */
export { writeCourse } from "./course.js";
export type { CourseDocument, CourseLesson } from "./course.js";
