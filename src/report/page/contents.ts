import type { Texts } from "../../language/index.js";
import type { ReportSection } from "../figures/figure.js";
import { escapeHtml } from "./escape.js";
import type { Lesson } from "../figures/lesson.js";
import { LESSON_IDS } from "./lesson.js";
import { isShown } from "./section.js";

/** A section with its id in the page. */
export interface PlacedSection {
  section: ReportSection;
  id: string;
}

/**
 * The table of contents: the sections that are shown on the first level, by their names. Wide screens have it at the
 * side, where it follows the reading; narrow ones fold it.
 */
export function contentsHtml(
  texts: Texts,
  title: string,
  sections: readonly PlacedSection[],
  lesson?: Lesson,
): string {
  const shown = sections.filter(({ section }) => isShown(section));
  if (shown.length < 2 && lesson === undefined) return "";
  const { method, look, tries } = texts.course;
  const items: string[] =
    lesson === undefined
      ? []
      : [itemHtml(LESSON_IDS.method, method), itemHtml(LESSON_IDS.look, look)];
  let part: string | undefined;
  for (const { section, id } of shown) {
    if (section.part !== part) {
      if (part !== undefined) items.push("</ul></li>");
      if (section.part !== undefined)
        items.push(`<li><span>${escapeHtml(section.part)}</span><ul>`);
      part = section.part;
    }
    items.push(itemHtml(id, section.name ?? section.title));
  }
  if (part !== undefined) items.push("</ul></li>");
  if (lesson !== undefined && lesson.tries.length > 0)
    items.push(itemHtml(LESSON_IDS.tries, tries, "end"));
  return `<nav aria-labelledby="contents"><details open><summary id="contents"><span class="hidden">${escapeHtml(texts.page.contents)}: </span>${escapeHtml(title)}</summary>
<ul>
${items.join("\n")}
</ul></details></nav>`;
}

function itemHtml(id: string, name: string, style?: string): string {
  return `<li${style === undefined ? "" : ` class="${style}"`}><a href="#${id}">${escapeHtml(name)}</a></li>`;
}
