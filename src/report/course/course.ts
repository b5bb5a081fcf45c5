import path from "node:path";
import { VERSION } from "../../common/version.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { languageOf, type LanguageCode, type Texts } from "../../language/index.js";
import { commandHtml, escapeHtml, prose } from "../page/escape.js";
import { documentHead } from "../page/head.js";
import { loadAssets } from "../page/assets.js";
import { linkTo } from "../page/links.js";
import { commandFrom } from "../page/paths.js";
import { readExperimentDocument } from "../sections/experiment.js";
import { thumbnailOf } from "./thumbnail.js";

/** Allows the page's style, and neither scripts nor requests. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** A lesson in the list of a course. */
export interface CourseLesson {
  /** The experiment's folder, absolute. */
  folder: string;
  title: string;
  question: string;
  /** The figure that is drawn small, by its id in the document. Default: the first. */
  figure?: string;
}

/** What the first page of a course shows. */
export interface CourseDocument {
  language: LanguageCode;
  /** Lessons that belong together, in order, under a heading. */
  parts: { title: string; lessons: CourseLesson[] }[];
  /** The command line that makes the course again. */
  command: string;
}

/**
 * Writes a course's index.html beside the folders of its lessons, which must be complete: one file that makes no
 * request. Returns its absolute path.
 */
export async function writeCourse(folder: string, document: CourseDocument): Promise<string> {
  const file = path.join(folder, "index.html");
  await writeFileAtomic(file, await renderCourse(folder, document));
  return file;
}

async function renderCourse(folder: string, document: CourseDocument): Promise<string> {
  const { texts, code } = languageOf(document.language);
  const { course } = texts;
  const parts: string[] = [];
  let number = 1;
  for (const { title, lessons } of document.parts) {
    const cards: string[] = [];
    for (const lesson of lessons) cards.push(await cardHtml(folder, lesson, number++));
    parts.push(
      `<section>\n<h2 class="section-title">${escapeHtml(title)}</h2>\n<ol class="cards" start="${number - lessons.length}">\n${cards.join("\n")}\n</ol>\n</section>`,
    );
  }
  return `${documentHead(code, course.title, POLICY, loadAssets())}
<body class="course">
<header>
<h1>${escapeHtml(course.title)}</h1>
<p class="subtitle">${prose(course.subtitle(number - 1))}</p>
</header>
<main>
${parts.join("\n")}
${againHtml(texts, commandFrom(folder, document.command))}
</main>
<footer>${escapeHtml(texts.page.madeBy(VERSION))}</footer>
</body>
</html>
`;
}

async function cardHtml(folder: string, lesson: CourseLesson, number: number): Promise<string> {
  const { sections } = await readExperimentDocument(lesson.folder);
  const figures = sections
    .flatMap(({ blocks }) => blocks)
    .filter((block) => block.kind !== "table");
  const figure = figures.find(({ id }) => id === lesson.figure) ?? figures[0];
  const link = linkTo(path.join(lesson.folder, "report.html"), folder);
  return `<li><a href="${escapeHtml(link)}">
${figure === undefined ? "" : thumbnailOf(figure)}
<h3><span>${number}</span> ${escapeHtml(lesson.title)}</h3>
<p>${prose(lesson.question)}</p>
</a></li>`;
}

function againHtml(texts: Texts, command: string): string {
  return `<section class="folded"><details><summary><h2 class="fold-title">${escapeHtml(texts.course.again)}</h2></summary>
${commandHtml(command)}
</details></section>`;
}
