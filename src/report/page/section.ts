import type { Language } from "../../language/index.js";
import type { DrawnFigure, DrawnScrubber } from "../figures/drawn.js";
import type { FactTable, Figure, ReportSection } from "../figures/figure.js";
import type { Share } from "../figures/fit.js";
import type { NumberPool } from "../figures/packing.js";
import { commandHtml, escapeHtml, prose } from "./escape.js";
import { figureHtml, isProbed } from "./figure.js";
import { linksHtml } from "./links.js";
import { probeHtml } from "./probe.js";
import { scrubberHtml } from "./scrubber.js";
import { tableHtml } from "./table.js";

/** A page while its sections are rendered. */
export interface Page {
  language: Language;
  /** The figures so far, in order. */
  figures: DrawnFigure[];
  scrubbers: DrawnScrubber[];
  numbers: NumberPool;
  /** How much of its numbers each figure keeps. */
  share: Share;
  /** Where the page will be, for links to files beside it. */
  folder: string | undefined;
  /** The ids in use. */
  ids: Set<string>;
}

/** Whether a section is shown on the first level: it has figures, or is about its tables. */
export function isShown(section: ReportSection): boolean {
  return section.open === true || section.blocks.some(({ kind }) => kind !== "table");
}

/**
 * A section: claim, figures and captions; what they were made from is folded.
 *
 * @param folds the folded sections that follow it, which stand in one row with its own details
 * @param below what stands between its figures and that row
 */
export function sectionHtml(
  page: Page,
  section: ReportSection,
  id: string,
  folds: readonly string[] = [],
  below = "",
): string {
  const level = section.part === undefined ? 2 : 3;
  const heading = (classes: string): string =>
    `<h${level} class="${classes}" id="${id}-title">${escapeHtml(section.title)}</h${level}>`;
  const figures = section.blocks.filter((block): block is Figure => block.kind !== "table");
  const tables = section.blocks.filter((block): block is FactTable => block.kind === "table");
  const details = detailsHtml(page, section, figures, tables, level + 1);
  if (!isShown(section))
    return `<section class="folded" id="${id}" aria-labelledby="${id}-title">
<details><summary>${heading("fold-title")}</summary>
${noticeHtml(section)}${details}
</details>
</section>`;
  const own =
    section.open === true || details === ""
      ? []
      : [
          `<div class="folded"><details class="more"><summary>${escapeHtml(page.language.texts.page.details)}</summary>\n${details}\n</details></div>`,
        ];
  return `<section id="${id}" aria-labelledby="${id}-title">
${heading("section-title")}
${noticeHtml(section)}${figuresHtml(page, section, figures, id, level + 1)}
${section.open === true ? details : ""}
${below}
${foldsHtml([...own, ...folds])}
</section>`;
}

/** What is folded, in one row. */
export function foldsHtml(folds: readonly string[]): string {
  return folds.length === 0 ? "" : `<div class="folds">\n${folds.join("\n")}\n</div>`;
}

function noticeHtml({ notice }: ReportSection): string {
  return notice === undefined ? "" : `<p class="notice" role="note">${escapeHtml(notice)}</p>\n`;
}

/** The figures, in rows; the scrubber stands below the first row. */
function figuresHtml(
  page: Page,
  section: ReportSection,
  figures: readonly Figure[],
  id: string,
  level: number,
): string {
  const rows = inRows(figures).map((row) => {
    const place = { isAlone: figures.length === 1, isBeside: row.length > 1 };
    const placed = row.map((figure) => ({ figure, id: uniqueId(page, figure.id) }));
    const parts = placed.map((one) => figureHtml(page, one.figure, one.id, level, place));
    if (!place.isBeside) return parts[0]!;
    const small = row.every((figure) => figure.small === true) ? " small" : "";
    const probes = placed
      .filter(({ figure }) => isProbed(figure))
      .map((one) => probeHtml(page.language.texts, one.id));
    return `<div class="beside${small}">\n${parts.join("\n")}\n</div>\n${probes.join("\n")}`;
  });
  const { scrubber } = section;
  if (scrubber !== undefined) {
    page.scrubbers.push({
      id,
      steps: scrubber.steps,
      readouts: scrubber.readouts.map(({ name, values }) => ({
        name,
        values: page.numbers.add(values),
      })),
    });
    rows.splice(1, 0, scrubberHtml(page.language.texts, scrubber, id));
  }
  return rows.join("\n");
}

/** Groups figures into the rows of a wide screen. */
function inRows(figures: readonly Figure[]): Figure[][] {
  const rows: Figure[][] = [];
  for (const figure of figures) {
    if (figure.beside === true && rows.length > 0) rows.at(-1)!.push(figure);
    else rows.push([figure]);
  }
  return rows;
}

/** What the figures were made from: how, in numbers, the files, and the command. */
function detailsHtml(
  page: Page,
  section: ReportSection,
  figures: readonly Figure[],
  tables: readonly FactTable[],
  level: number,
): string {
  const { text, title, command } = section;
  const { texts } = page.language;
  // Figures of the same files link to them once.
  const links = new Map(
    figures.flatMap(({ data = [] }) => data).map((link) => [link.file, link] as const),
  );
  return [
    ...(text === undefined ? [] : [`<p>${prose(text)}</p>`]),
    ...tables.map((table) =>
      tableHtml(table, {
        language: page.language,
        id: uniqueId(page, table.id),
        level,
        folder: page.folder,
        isTitled: table.title !== title,
      }),
    ),
    linksHtml(texts, [...links.values()], page.folder),
    ...(command === undefined
      ? []
      : [`<p class="made-by">${escapeHtml(texts.page.command)}</p>\n${commandHtml(command)}`]),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** An id that no other element of the page has. */
export function uniqueId(page: Page, wanted: string): string {
  const base = wanted.toLowerCase().replace(/[^a-z0-9-]+/g, "-") || "part";
  let id = base;
  for (let number = 2; page.ids.has(id); number++) id = `${base}-${number}`;
  page.ids.add(id);
  return id;
}
