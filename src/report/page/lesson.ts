import path from "node:path";
import type { Texts } from "../../language/index.js";
import type { Lesson, Neighbour } from "../figures/lesson.js";
import { commandHtml, escapeHtml, prose } from "./escape.js";
import { formulaHtml } from "./formula.js";
import { linkTo } from "./links.js";

/** The ids of a lesson's own sections. */
export const LESSON_IDS = { method: "method", look: "look", tries: "try-next" } as const;

/** The line above the title: the lesson's number, and the way to the course. */
export function lessonEyebrow(texts: Texts, lesson: Lesson, folder: string | undefined): string {
  const { number, count, course } = lesson;
  const place = escapeHtml(texts.course.place(number, count));
  const contents =
    course === undefined || folder === undefined
      ? ""
      : ` · <a href="${escapeHtml(linkTo(path.join(course, "index.html"), folder))}">${escapeHtml(texts.course.toContents)}</a>`;
  return `<p class="eyebrow">${place}${contents}</p>`;
}

/**
 * The question, what is done, and what to look for in the figures below.
 *
 * @param subtitle what is done with the options of this run
 */
export function lessonStart(texts: Texts, lesson: Lesson, subtitle: string | undefined): string {
  const settings = subtitle === undefined ? "" : `<p class="subtitle">${prose(subtitle)}</p>\n`;
  return `<p class="question">${prose(lesson.question)}</p>
<section class="method" id="${LESSON_IDS.method}" aria-labelledby="${LESSON_IDS.method}-title">
<h2 class="section-title" id="${LESSON_IDS.method}-title">${escapeHtml(texts.course.method)}</h2>
<div class="method-sides">
<div>
<p>${prose(lesson.method)}</p>
${settings}</div>
${formulaHtml(lesson.formula)}
</div>
</section>
<section id="${LESSON_IDS.look}" aria-labelledby="${LESSON_IDS.look}-title">
<h2 class="section-title" id="${LESSON_IDS.look}-title">${escapeHtml(texts.course.look)}</h2>
<p>${prose(lesson.look)}</p>
</section>`;
}

/** The numbers of this run. */
export function lessonNumbers(texts: Texts, { numbers }: Lesson): string {
  if (numbers.length === 0) return "";
  const tiles = numbers.map(
    ({ name, value }) => `<div><dt>${prose(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="tiles" aria-label="${escapeHtml(texts.course.numbers)}">\n${tiles.join("\n")}\n</dl>`;
}

/** What to try next, and the ways to the lessons before and after. */
export function lessonEnd(texts: Texts, lesson: Lesson, folder: string | undefined): string {
  const items = lesson.tries.map(
    ({ command, text }) => `<li>${commandHtml(command)}<p>${prose(text)}</p></li>`,
  );
  const tries =
    items.length === 0
      ? ""
      : `<section class="tries" id="${LESSON_IDS.tries}" aria-labelledby="${LESSON_IDS.tries}-title">
<h2 class="section-title" id="${LESSON_IDS.tries}-title">${escapeHtml(texts.course.tries)}</h2>
<p>${escapeHtml(texts.course.triesText)}</p>
<ol>
${items.join("\n")}
</ol>
</section>\n`;
  const ways = [
    neighbourHtml(lesson, lesson.previous, "prev", texts.course.previous, folder),
    neighbourHtml(lesson, lesson.next, "next", texts.course.next, folder),
  ];
  return `${tries}<div class="neighbours">\n${ways.join("\n")}\n</div>`;
}

/** A link to a neighbour's report; outside a course the command that makes it. */
function neighbourHtml(
  { course }: Lesson,
  neighbour: Neighbour | undefined,
  rel: "prev" | "next",
  label: string,
  folder: string | undefined,
): string {
  if (neighbour === undefined) return "";
  const { name, title } = neighbour;
  const inner = `<span>${escapeHtml(label)}</span><b>${escapeHtml(title)}</b>`;
  if (course === undefined || folder === undefined)
    return `<p class="${rel}">${inner}<code>vadi experiment ${escapeHtml(name)}</code></p>`;
  const file = path.join(course, name, "report.html");
  return `<a class="${rel}" rel="${rel}" href="${escapeHtml(linkTo(file, folder))}">${inner}</a>`;
}
