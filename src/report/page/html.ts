import { VERSION } from "../../common/version.js";
import { languageOf, type LanguageCode, type Texts } from "../../language/index.js";
import type { ReportSection } from "../figures/figure.js";
import type { Lesson } from "../figures/lesson.js";
import { fittingShare } from "../figures/fit.js";
import { createNumberPool } from "../figures/packing.js";
import { loadAssets, scriptHash, type Assets } from "./assets.js";
import { commandHtml, escapeHtml, jsonForScript, prose } from "./escape.js";
import { documentHead } from "./head.js";
import { contentsHtml, type PlacedSection } from "./contents.js";
import { LESSON_IDS, lessonEnd, lessonEyebrow, lessonNumbers, lessonStart } from "./lesson.js";
import { commandFrom, sectionsFrom } from "./paths.js";
import { foldsHtml, isShown, sectionHtml, uniqueId, type Page } from "./section.js";

/** All that a report shows. */
export interface ReportDocument {
  title: string;
  /** A sentence under the title. */
  subtitle?: string;
  sections: ReportSection[];
  /** What makes the report a lesson. */
  lesson?: Lesson;
  /** The language of the page; that of the sections is as they were made. Default English. */
  language?: LanguageCode;
  /** The command line that makes this report again. Its paths are absolute; the page shows them relative to itself. */
  command?: string;
}

/** Ids of the page itself. */
const OWN_IDS = ["theme", "figures", "numbers", "scrubbers", "contents", "main", "reproduce"];

/**
 * Renders a report as one self-contained HTML file: data, chart library, script and style are in it, and
 * its content security policy forbids every request. Ids that occur twice get a number.
 *
 * @param folder the page's, absolute; links to data are relative to it
 */
export function renderReport(document: ReportDocument, folder?: string): string {
  const assets = loadAssets();
  const language = languageOf(document.language ?? "en");
  const { texts } = language;
  const all = sectionsFrom(folder, document.sections);
  const page: Page = {
    language,
    figures: [],
    scrubbers: [],
    numbers: createNumberPool(),
    share: fittingShare(
      all.flatMap(({ blocks }) => blocks).filter((block) => block.kind !== "table"),
    ),
    folder,
    ids: new Set([...OWN_IDS, ...Object.values(LESSON_IDS)]),
  };
  // A page without any figure is about its tables.
  const hasShown = all.some(isShown);
  const sections = all.map((section) => ({
    section: hasShown ? section : { ...section, open: true },
    id: uniqueId(page, section.id),
  }));
  const { lesson } = document;
  const body = bodyHtml(
    page,
    sections,
    againHtml(texts, document, folder),
    lesson && lessonNumbers(texts, lesson),
  );
  return `${documentHead(language.code, document.title, policyFor(assets), assets)}
<body>
<div class="page">
${contentsHtml(texts, document.title, sections, lesson)}
<main>
${headerHtml(texts, document, folder)}
<noscript><p class="notice">${escapeHtml(texts.page.noScript)}</p></noscript>
${body}
${lesson === undefined ? "" : lessonEnd(texts, lesson, folder)}
<footer>${escapeHtml(texts.page.madeBy(VERSION))}</footer>
</main>
</div>
<script type="application/json" id="numbers">${jsonForScript(page.numbers.arrays)}</script>
<script type="application/json" id="figures">${jsonForScript(page.figures)}</script>
<script type="application/json" id="scrubbers">${jsonForScript(page.scrubbers)}</script>
<script>${assets.plotly}</script>
<script>${assets.script}</script>
</body>
</html>
`;
}

function headerHtml(
  texts: Texts,
  { title, subtitle, lesson }: ReportDocument,
  folder: string | undefined,
): string {
  const sentence = subtitle === undefined ? "" : `<p class="subtitle">${prose(subtitle)}</p>`;
  return `<header>
${lesson === undefined ? "" : `${lessonEyebrow(texts, lesson, folder)}\n`}<h1>${escapeHtml(title)}</h1>
${lesson === undefined ? sentence : ""}
<button type="button" id="theme" hidden>${escapeHtml(texts.page.dark)}</button>
</header>${lesson === undefined ? "" : `\n${lessonStart(texts, lesson, subtitle)}`}`;
}

/** The command that makes the page again. */
function againHtml(
  texts: Texts,
  { command }: ReportDocument,
  folder: string | undefined,
): string[] {
  if (command === undefined) return [];
  return [
    `<section class="folded" aria-labelledby="reproduce"><details><summary><h2 class="fold-title" id="reproduce">${escapeHtml(texts.page.again)}</h2></summary>
<p class="made-by">${escapeHtml(texts.page.inThisFolder)}</p>
${commandHtml(commandFrom(folder, command))}
</details></section>`,
  ];
}

/**
 * The sections, each part's heading above its first. Folded sections stand in one row with the details of the section
 * before them; the last row ends with the command of the page.
 *
 * @param numbers what stands below the figures of the first section
 */
function bodyHtml(
  page: Page,
  sections: readonly PlacedSection[],
  again: string[],
  numbers = "",
): string {
  const firstShown = sections.find(({ section }) => isShown(section));
  const html: string[] = [];
  let part: string | undefined;
  for (let at = 0; at < sections.length;) {
    const { section, id } = sections[at]!;
    if (section.part !== undefined && section.part !== part)
      html.push(`<h2 class="part">${escapeHtml(section.part)}</h2>`);
    part = section.part;
    const first = isShown(section) ? at + 1 : at;
    let end = first;
    while (
      end < sections.length &&
      !isShown(sections[end]!.section) &&
      sections[end]!.section.part === part
    )
      end++;
    const isLast = end === sections.length;
    const folded = sections.slice(first, end);
    const folds = [
      ...folded.map((one) => sectionHtml(page, one.section, one.id)),
      ...(isLast ? again : []),
    ];
    const below = id === firstShown?.id ? numbers : "";
    html.push(isShown(section) ? sectionHtml(page, section, id, folds, below) : foldsHtml(folds));
    at = end;
  }
  return html.length === 0 ? foldsHtml(again) : html.join("\n");
}

/** Allows the page's own two scripts and its styles, and no request. */
function policyFor({ plotly, script }: Assets): string[] {
  return [
    "default-src 'none'",
    `script-src ${scriptHash(plotly)} ${scriptHash(script)}`,
    // plotly.js sets styles on the elements it makes.
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
}
