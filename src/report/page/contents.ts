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
  const parts: { part: string | undefined; placed: PlacedSection[] }[] = [];
  for (const one of shown) {
    const { part } = one.section;
    if (parts.length === 0 || parts.at(-1)!.part !== part) parts.push({ part, placed: [] });
    parts.at(-1)!.placed.push(one);
  }
  const own = parts.flatMap(({ part, placed }, at) => {
    const links = placed.map((one) => itemHtml(one.id, one.section.name ?? one.section.title));
    if (part === undefined) return links;
    // A part of one section has one entry, which lies apart from the sections of the part before.
    const [only, ...others] = placed;
    const isAfterPart = (parts[at - 1]?.placed.length ?? 0) > 1;
    return only !== undefined && others.length === 0
      ? [itemHtml(only.id, part, isAfterPart ? "apart" : undefined)]
      : [`<li><span>${escapeHtml(part)}</span><ul>`, ...links, "</ul></li>"];
  });
  const { method, look, tries } = texts.course;
  const items =
    lesson === undefined
      ? own
      : [
          itemHtml(LESSON_IDS.method, method),
          itemHtml(LESSON_IDS.look, look),
          ...own,
          itemHtml(LESSON_IDS.tries, tries, "apart"),
        ];
  return `<nav aria-labelledby="contents"><details open><summary id="contents"><span class="nav-word">${escapeHtml(texts.page.contents)}</span><span class="nav-title">${escapeHtml(title)}</span></summary>
<ul>
${items.join("\n")}
</ul></details></nav>`;
}

function itemHtml(id: string, name: string, style?: string): string {
  return `<li${style === undefined ? "" : ` class="${style}"`}><a href="#${id}">${escapeHtml(name)}</a></li>`;
}
